using System.Net.Sockets;
using System.Text;

namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>One request as it arrived, and the raw connection to answer on.</summary>
internal sealed class Exchange(Socket socket, string head, string body)
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(20);

    public string Head { get; } = head;

    public string Body { get; } = body;

    public string Target => Head.Split(' ')[1];

    /// <summary>Whether the script ended the connection itself.</summary>
    public bool IsClosed { get; private set; }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await socket.SendAsync(bytes, SocketFlags.None);

    /// <summary>Head of an answer without length: its end is the end of the connection.</summary>
    public Task SendHeadAsync(string contentType = "text/event-stream", string status = "200 OK") =>
        SendAsync($"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nConnection: close\r\n\r\n");

    /// <summary>Head of an answer that is longer than anything that follows, so that ending it is a cut.</summary>
    public Task SendEndlessHeadAsync(string contentType = "text/event-stream") =>
        SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\nContent-Length: 99999999\r\n\r\n");

    public async Task SendWholeAsync(string body, string contentType = "application/json", string status = "200 OK", string headers = "")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await SendAsync($"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {bytes.Length}\r\n{headers}\r\n");
        await SendAsync(bytes);
    }

    public void End()
    {
        IsClosed = true;
        socket.Close();
    }

    /// <summary>Breaks the connection with a reset.</summary>
    public void Cut()
    {
        socket.LingerState = new LingerOption(true, 0);
        End();
    }

    /// <summary>Completes when the client has closed its side.</summary>
    public async Task ClosedByClientAsync()
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1024], SocketFlags.None).WaitAsync(HangGuard) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is a closed side too.
        }

        End();
    }
}
