using System.Text;

namespace V4Agents.Git.Commands;

internal static class BoundedRead
{
    /// <summary>Everything a stream gives; past the bound <paramref name="stop"/> is cancelled, which ends the run.</summary>
    public static async Task<byte[]> AllAsync(Stream stream, long bound, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (all.Length + read > bound)
            {
                await stop.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    /// <summary>The first bytes as text. The rest is read and dropped, so that the writer never blocks.</summary>
    public static async Task<string> HeadAsync(Stream stream, int bound, CancellationToken cancellationToken)
    {
        using var head = new MemoryStream();
        var buffer = new byte[4096];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            head.Write(buffer, 0, (int)Math.Min(read, bound - head.Length));
        }

        return Encoding.UTF8.GetString(head.ToArray());
    }
}
