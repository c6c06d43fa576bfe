using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace V4Agents.Runner;

/// <summary>
/// Joins its standard streams to the resident runner's socket. Losing it loses no call. Two threads from the beginning and none later: in a
/// container whose processes are used up none could be made, and a bridge that stands is how they are stopped.
/// </summary>
internal static class Bridge
{
    private const int Attempts = 500;
    private const int Size = 64 * 1024;

    public static int Run()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(Layout.Socket));
                break;
            }
            catch (SocketException e) when (attempt < Attempts)
            {
                // The container has only just started and the resident runner is not listening yet.
                _ = e;
                Thread.Sleep(20);
            }
            catch (SocketException e)
            {
                Console.Error.WriteLine($"The runner does not listen on {Layout.Socket}: {e.SocketErrorCode}.");
                return 1;
            }
        }

        // Whichever side ends first ends the bridge, and so the other side.
        new Thread(() => Environment.Exit(Copy(socket.Receive, Standard(1, FileAccess.Write).Write))).Start();
        var input = Standard(0, FileAccess.Read);
        return Copy(input.Read, bytes => Send(socket, bytes));
    }

    private delegate int Source(Span<byte> into);

    private delegate void Sink(ReadOnlySpan<byte> bytes);

    private static int Copy(Source from, Sink to)
    {
        try
        {
            var buffer = new byte[Size];
            for (int count; (count = from(buffer)) > 0;)
            {
                to(buffer.AsSpan(0, count));
            }

            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            Console.Error.WriteLine($"The bridge broke: {e.Message}");
            return 1;
        }
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private static FileStream Standard(int number, FileAccess access) => new(new SafeFileHandle(number, ownsHandle: false), access, bufferSize: 0);
}
