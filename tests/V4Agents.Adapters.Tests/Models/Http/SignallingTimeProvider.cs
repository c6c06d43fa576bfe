using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>The fake clock, telling when somebody starts to wait, so that a test advances it neither too early nor by guess.</summary>
internal sealed class SignallingTimeProvider() : FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero))
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(15);
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits for the next back-off and sits it out. Longer timers are limits, not waits.</summary>
    public async Task<TimeSpan> PassBackOffAsync()
    {
        while (true)
        {
            var due = await _waits.Reader.ReadAsync().AsTask().WaitAsync(HangGuard);
            if (due > TimeSpan.Zero && due <= LongestBackOff)
            {
                Advance(due);
                return due;
            }
        }
    }
}
