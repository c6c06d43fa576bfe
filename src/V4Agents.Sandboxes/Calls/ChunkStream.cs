using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Sandboxes.Calls;

/// <summary>What is written leaves in chunks of one request; <see cref="CompleteAsync"/> says that it was all.</summary>
internal sealed class ChunkStream(Exchange exchange) : Stream
{
    private const int Size = 256 * 1024;

    private readonly byte[] _buffer = new byte[Size];
    private int _count;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => SendAsync(last: true, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var part = Math.Min(buffer.Length, Size - _count);
            buffer[..part].CopyTo(_buffer.AsMemory(_count));
            buffer = buffer[part..];
            _count += part;
            if (_count == Size)
            {
                await SendAsync(last: false, cancellationToken);
            }
        }
    }

    /// <summary>For writers that know only synchronous streams, such as tar headers; blocks while the runner unpacks.</summary>
    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task SendAsync(bool last, CancellationToken cancellationToken)
    {
        await exchange.SendAsync(new Message.Chunk(exchange.Request, last), _buffer.AsMemory(0, _count), cancellationToken);
        _count = 0;
    }
}
