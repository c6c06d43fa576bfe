using System.Text;
using Docker.DotNet;

namespace V4Agents.Sandboxes.Docker;

/// <summary>The two directions of an exec in a container as one stream. What the program says on standard error becomes the reason of the end.</summary>
internal sealed class ExecStream(MultiplexedStream exec) : Stream
{
    private readonly StringBuilder _errors = new();

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadFromAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var copy = new byte[Math.Min(buffer.Length, 64 * 1024)];
        var count = await ReadFromAsync(copy, 0, copy.Length, cancellationToken);
        copy.AsMemory(0, count).CopyTo(buffer);
        return count;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        exec.WriteAsync(buffer, offset, count, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await exec.WriteAsync(buffer.ToArray(), 0, buffer.Length, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            exec.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task<int> ReadFromAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await exec.ReadOutputAsync(buffer, offset, count, cancellationToken);
            if (read.EOF)
            {
                return _errors.Length == 0 ? 0 : throw new IOException(_errors.ToString().Trim());
            }

            if (read.Target != MultiplexedStream.TargetStream.StandardError)
            {
                return read.Count;
            }

            if (_errors.Length < 4096)
            {
                _errors.Append(Encoding.UTF8.GetString(buffer, offset, read.Count));
            }
        }
    }
}
