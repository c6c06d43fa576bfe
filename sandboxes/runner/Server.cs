using System.Net.Sockets;

namespace V4Agents.Runner;

/// <summary>The container's main process: listens until the sandbox's lifetime is over. When it ends, the container does.</summary>
internal static class Server
{
    public static async Task<int> RunAsync(TimeSpan lifetime)
    {
        // A full process limit must not keep the runner from starting a thread when it has to kill something.
        ThreadPool.SetMinThreads(16, 8);
        Directory.CreateDirectory(Layout.Calls);
        Directory.CreateDirectory(Layout.Files);
        Directory.CreateDirectory(Layout.Ballast);
        Directory.CreateDirectory(Layout.WorkTree);
        Directory.CreateDirectory(Layout.Home);
        Ballast.Fill();
        File.Delete(Layout.Socket);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Layout.Socket));
        listener.Listen();
        using var life = new CancellationTokenSource(lifetime);
        using var term = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM, _ => Environment.Exit(0));
        var workspace = new Workspace();
        var ledger = new CallLedger();
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(life.Token);
                _ = new Session(new NetworkStream(client, ownsSocket: true), ledger, workspace).RunAsync();
            }
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }
}
