using System.Net.Sockets;

namespace V4Agents.Runner;

/// <summary>Joins its standard streams to the resident runner's socket. Losing it loses no call.</summary>
internal static class Bridge
{
    public static async Task<int> RunAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Layout.Socket));
                break;
            }
            catch (SocketException e) when (attempt < 500)
            {
                // The container has only just started and the resident runner is not listening yet.
                _ = e;
                await Task.Delay(20);
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine($"The runner does not listen on {Layout.Socket}: {e.SocketErrorCode}.");
                return 1;
            }
        }

        await using var stream = new NetworkStream(socket, ownsSocket: false);
        await using var input = Console.OpenStandardInput();
        await using var output = Console.OpenStandardOutput();
        await Task.WhenAny(input.CopyToAsync(stream), stream.CopyToAsync(output));
        return 0;
    }
}
