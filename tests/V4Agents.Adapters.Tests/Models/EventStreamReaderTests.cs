using System.Text;
using V4Agents.Models;
using V4Agents.Models.Wire;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class EventStreamReaderTests
{
    private const string Wire = ": keep-alive\n\ndata: {\"a\":\r\ndata: \"é😀\"}\r\n\r\n\n:\nevent: x\ndata:[DONE]\n\ndata: last\ndata: torn";

    public static TheoryData<int> PieceSizes => [.. Enumerable.Range(1, Encoding.UTF8.GetByteCount(Wire))];

    [Theory]
    [MemberData(nameof(PieceSizes))]
    public async Task Read_WhenBytesComeInPiecesOfAnySize_YieldsTheSameItems(int size)
    {
        using var clock = new CallClock(new ModelOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        var items = new List<string>();

        await foreach (var item in EventStreamReader.ReadAsync(new Pieces(Wire, size), clock, TestContext.Current.CancellationToken))
        {
            items.Add(item.Data is null ? "(comment)" : Encoding.UTF8.GetString(item.Data));
        }

        Assert.Equal(["(comment)", "{\"a\":\n\"é😀\"}", "(comment)", "[DONE]", "last"], items);
    }

    private sealed class Pieces(string text, int size) : MemoryStream(Encoding.UTF8.GetBytes(text))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
