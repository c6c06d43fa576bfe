using System.Text;

namespace V4Agents.Runner;

/// <summary>A call's output file: the first 6 MiB as they come, the last 2 MiB at the end, what lies between counted and dropped.</summary>
internal sealed class BoundedOutput(string path) : IAsyncDisposable
{
    private const int Head = 6 << 20;
    private const int Tail = 2 << 20;

    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private readonly Lock _gate = new();
    private byte[]? _tail;
    private long _total;
    private bool _closed;

    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>After the close nothing is taken any more: a reader that outlived its call writes into the void.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var first = (int)Math.Clamp(Head - _total, 0, bytes.Length);
            _file.Write(bytes[..first]);
            _total += first;
            foreach (var b in bytes[first..])
            {
                _tail ??= new byte[Tail];
                _tail[(_total++ - Head) % Tail] = b;
            }
        }
    }

    /// <returns>All bytes written, also the dropped ones.</returns>
    public async Task<long> CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
        }

        if (_tail is not null)
        {
            var behind = _total - Head;
            if (behind > Tail)
            {
                await _file.WriteAsync(Encoding.UTF8.GetBytes($"\n[... {behind - Tail} bytes of output dropped here ...]\n"));
                var start = (int)(behind % Tail);
                await _file.WriteAsync(_tail.AsMemory(start));
                await _file.WriteAsync(_tail.AsMemory(0, start));
            }
            else
            {
                await _file.WriteAsync(_tail.AsMemory(0, (int)behind));
            }
        }

        return _total;
    }

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
