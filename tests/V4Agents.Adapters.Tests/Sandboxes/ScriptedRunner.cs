using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using V4Agents.Core.Sandboxing;
using V4Agents.Sandboxes.Calls;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>The other end of the wire, for what a real runner does not do on demand: flood, lie, fall silent, stop reading.</summary>
internal sealed class ScriptedRunner : IAsyncDisposable
{
    private readonly Func<Stream, Task> _script;

    public ScriptedRunner(Func<Stream, Task> script)
    {
        _script = script;
        Sandbox = new RunnerSandbox(new SandboxId("v4-scripted"), _ => Task.FromResult<Stream>(Connect()), Clock);
    }

    public FakeTimeProvider Clock { get; } = new();

    public RunnerSandbox Sandbox { get; }

    public int Connections { get; private set; }

    /// <summary>Lets the time pass that the host waits, until what it waits for has an end.</summary>
    public async Task PassTimeUntilAsync(Task end)
    {
        for (var waited = 0; !end.IsCompleted && waited < 2_000; waited++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(end, Task.Delay(10));
        }
    }

    public static async Task<Message> ReadAsync(Stream stream) => (await FrameCodec.ReadAsync(stream, CancellationToken.None))!.Value.Message;

    public static Task WriteAsync(Stream stream, Message message, byte[]? payload = null) =>
        FrameCodec.WriteAsync(stream, message, payload ?? [], CancellationToken.None);

    public ValueTask DisposeAsync() => Sandbox.DisposeAsync();

    private NetworkStream Connect()
    {
        Connections++;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var here = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        here.Connect(listener.LocalEndPoint!); // Bound above.
        _ = RunAsync(new NetworkStream(listener.Accept(), ownsSocket: true));
        return new NetworkStream(here, ownsSocket: true);
    }

    private async Task RunAsync(Stream stream)
    {
        try
        {
            await _script(stream);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The host hung up, which is what some scripts are for.
            _ = e;
        }
    }
}
