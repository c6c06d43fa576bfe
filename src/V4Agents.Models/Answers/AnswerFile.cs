using System.Text;

namespace V4Agents.Models.Answers;

/// <summary>
/// One answer on its way to disk: a line with the media type, then the body's bytes. Each network read is one write without a buffer of
/// ours, which the system's page cache keeps when this process is killed; it is not synced, so a power cut may lose it, and then the call
/// is booked as unconfirmed. Disposing removes the file unless the answer was <see cref="Keep">kept</see>.
/// </summary>
internal sealed class AnswerFile : IDisposable
{
    /// <summary>More is no answer: the reader stops there too.</summary>
    private const long MaxBytes = 64 * 1024 * 1024;

    private readonly AnswerStore _store;
    private FileStream? _file;
    private bool _keep;

    public AnswerFile(AnswerStore store, string key, string path)
    {
        (_store, Key, Path) = (store, key, path);
        var open = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            open.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(path, open);
    }

    public string Key { get; }

    public string Path { get; }

    /// <summary>The body, which leaves its bytes here while it is read.</summary>
    public Stream Copying(Stream body, string? mediaType)
    {
        Write(Encoding.UTF8.GetBytes($"{mediaType}\n"));
        return new CopyingBody(body, this);
    }

    /// <summary>The answer arrived whole.</summary>
    public void Keep() => _keep = _file is not null;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            if (_file.Length + bytes.Length <= MaxBytes)
            {
                _file.Write(bytes);
                return;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _store.Complain(e);
        }

        Dispose();
    }

    public void Dispose()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException e)
        {
            _store.Complain(e);
        }

        _file = null;
        _store.Closed(this, _keep);
    }
}
