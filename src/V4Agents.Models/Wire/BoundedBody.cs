using System.Buffers;

namespace V4Agents.Models.Wire;

/// <summary>Reads a body into memory up to a limit.</summary>
internal static class BoundedBody
{
    private const int Step = 16 * 1024;

    /// <summary>Null when the body is longer than the limit.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(Stream body, int limit, CallClock clock, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(Step);
        while (buffer.WrittenCount <= limit)
        {
            var read = await body.ReadAsync(buffer.GetMemory(Step), cancellationToken);
            if (read == 0)
            {
                return buffer.WrittenMemory;
            }

            clock.Touch();
            buffer.Advance(read);
        }

        return null;
    }
}
