using System.Text;

namespace V4Agents.Runner;

/// <summary>
/// A call's output file: the first 6 MiB as they come, the last 2 MiB at the end, what lies between counted and dropped. A full disk ends the first
/// part early and nothing else.
/// </summary>
internal sealed class BoundedOutput : IDisposable
{
    private const int Head = 6 << 20;
    private const int UnsavedTail = 64 * 1024;

    private readonly FileStream _file;
    private readonly Lock _gate = new();
    private readonly ByteRing _glimpse = new(4 * 1024);
    private readonly ByteRing _tail = new(2 << 20);
    private long _limit = Head;
    private long _total;
    private bool _closed;

    public BoundedOutput(string path) => _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

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

            _glimpse.Write(bytes);
            var first = (int)Math.Clamp(_limit - _total, 0, bytes.Length);
            first = first > 0 && TryWrite(bytes[..first], _total) ? first : 0;
            _total += bytes.Length;
            _tail.Write(bytes[first..]);
        }
    }

    /// <summary>How much there is so far, and its end.</summary>
    public (long Total, byte[] Tail) Glimpse()
    {
        lock (_gate)
        {
            return (_total, _glimpse.ToArray());
        }
    }

    /// <returns>All bytes written, also the dropped ones, and the end that the disk had no room for.</returns>
    public (long Total, byte[] Unsaved) Close()
    {
        lock (_gate)
        {
            _closed = true;
            var head = _total - _tail.Total;
            var end = _tail.ToArray();
            var dropped = _tail.Total - end.Length;
            if (dropped > 0)
            {
                end = [.. Encoding.UTF8.GetBytes($"\n[... {dropped} bytes of output dropped here ...]\n"), .. end];
            }

            try
            {
                Ballast.Spend(() =>
                {
                    _file.SetLength(head);
                    _file.Seek(0, SeekOrigin.End);
                    _file.Write(end);
                });
                return (_total, []);
            }
            catch (IOException e)
            {
                _file.SetLength(head);
                var kept = Math.Min(end.Length, UnsavedTail);
                return (_total, [.. Encoding.UTF8.GetBytes($"\n[the output could not be stored: {e.Message}; its last {kept} bytes:]\n"), .. end[^kept..]]);
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private bool TryWrite(ReadOnlySpan<byte> bytes, long at)
    {
        try
        {
            _file.Write(bytes);
            return true;
        }
        catch (IOException)
        {
            // The disk is full: what a half write left is cut off at the close, and from here on only the end is kept.
            _limit = at;
            return false;
        }
    }
}
