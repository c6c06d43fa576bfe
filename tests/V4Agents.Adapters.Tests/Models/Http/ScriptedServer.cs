using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>
/// A loopback HTTP server that does, byte for byte, what its script says: answer, hang, cut, lie. Each request takes the next step; a
/// request beyond the script, or a script that throws, fails the test when the server is disposed.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<Func<Exchange, Task>> _script = new();
    private readonly ConcurrentQueue<Exchange> _requests = new();
    private readonly ConcurrentBag<Exception> _faults = [];
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public ScriptedServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public IReadOnlyList<Exchange> Requests => [.. _requests];

    public void Then(Func<Exchange, Task> step) => _script.Enqueue(step);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // The loop may be between two accepts: it ends by the token, and only then may the listener go.
        await _accepting;
        _listener.Stop();
        await Task.WhenAll(_connections).WaitAsync(TimeSpan.FromSeconds(30));
        _stop.Dispose();
        Assert.Empty(_faults);
        Assert.Empty(_script);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _connections.Add(ServeAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                while (await ReadRequestAsync(socket) is { } exchange)
                {
                    _requests.Enqueue(exchange);
                    if (!_script.TryDequeue(out var step))
                    {
                        throw new InvalidOperationException($"The script has no step for this request: {exchange.Body}");
                    }

                    await step(exchange);
                    if (exchange.IsClosed)
                    {
                        return;
                    }
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The client went away, or the test is over.
            }
            catch (Exception exception)
            {
                _faults.Add(exception);
            }
        }
    }

    private async Task<Exchange?> ReadRequestAsync(Socket socket)
    {
        var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var bytes = received.GetBuffer().AsSpan(0, (int)received.Length);
            var end = bytes.IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                var head = Encoding.ASCII.GetString(bytes[..end]);
                var length = head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                    .Select(line => int.Parse(line["Content-Length:".Length..], provider: null)).FirstOrDefault();
                if (bytes.Length - end - 4 >= length)
                {
                    return new Exchange(socket, head, Encoding.UTF8.GetString(bytes.Slice(end + 4, length)));
                }
            }

            var read = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            received.Write(buffer, 0, read);
        }
    }
}
