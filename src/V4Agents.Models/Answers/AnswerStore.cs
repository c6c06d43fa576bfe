using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace V4Agents.Models.Answers;

/// <summary>
/// Answers as they arrive, in files that outlive this process, so that what a service had been sent before it was killed need not be paid
/// again. Keeping is best effort: a disk that is full or not ours costs the safety, never the call. The network's bytes are all that is
/// written, no header and no request.
/// </summary>
internal sealed partial class AnswerStore(IOptions<ModelOptions> options, TimeProvider time, ILogger<AnswerStore> logger)
{
    private const string Suffix = ".answer";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Far longer than a task waits before it reconciles; whoever comes later pays again.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly string? _directory = options.Value.AnswerDirectory;
    private readonly ConcurrentDictionary<string, AnswerFile> _open = new(StringComparer.Ordinal);
    private int _complained;

    /// <summary>A place for the answer of a call that is being made, in place of any earlier one under its key; null when none can be kept.</summary>
    /// <exception cref="ArgumentException">The key is no name of a call.</exception>
    public AnswerFile? Begin(string? key)
    {
        if (key is null || PathOf(key) is not { } path)
        {
            return null;
        }

        try
        {
            CreateDirectory(_directory!); // There is no path without one.
            // A new file, not the old one emptied: whoever still has that open writes to a file without a name.
            File.Delete(path);
            return _open[key] = new AnswerFile(this, key, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
            return null;
        }
    }

    /// <summary>What was kept under the key; null when there is nothing. Caller disposes.</summary>
    public FileStream? Open(string key)
    {
        if (PathOf(key) is not { } path)
        {
            return null;
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
            return null;
        }
    }

    public void Forget(string key)
    {
        if (PathOf(key) is { } path)
        {
            _open.TryRemove(key, out _);
            Delete(path);
        }
    }

    /// <summary>Removes what nobody came back for.</summary>
    public void Tidy()
    {
        if (_directory is null || !Directory.Exists(_directory))
        {
            return;
        }

        try
        {
            var old = (time.GetUtcNow() - Kept).UtcDateTime;
            foreach (var path in Directory.EnumerateFiles(_directory, "*" + Suffix).Where(path => File.GetLastWriteTimeUtc(path) < old))
            {
                Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    /// <summary>The file's call is over. A later call of the same key has a file of its own under that name, which stays.</summary>
    internal void Closed(AnswerFile file, bool keep)
    {
        if (_open.TryRemove(KeyValuePair.Create(file.Key, file)) && !keep)
        {
            Delete(file.Path);
        }
    }

    /// <summary>Once: a full disk would say it for every call.</summary>
    internal void Complain(Exception exception)
    {
        if (Interlocked.Exchange(ref _complained, 1) == 0)
        {
            LogNotKept(logger, _directory, exception.Message);
        }
    }

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever kept.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    /// <summary>Null when nothing is kept. A bad key is refused all the same.</summary>
    private string? PathOf(string key)
    {
        var name = AnswerKey.Checked(key) + Suffix;
        return _directory is null ? null : Path.Combine(_directory, name);
    }

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Answers cannot be kept in {Directory}: {Reason} Calls go on, but a service that dies in the middle of one pays for it again.")]
    private static partial void LogNotKept(ILogger logger, string? directory, string reason);
}
