using V4Agents.Grains.Tasks;
using Xunit;

namespace V4Agents.Grains.Tests.Tasks;

public sealed class WallClockTests
{
    private readonly TwoClocks _clocks = new();

    [Fact]
    public void Jump_WhenBothClocksGoOn_IsNone()
    {
        var wall = new WallClock(_clocks);
        _clocks.Pass(TimeSpan.FromHours(2), TimeSpan.FromHours(2) + TimeSpan.FromSeconds(5));

        Assert.Null(wall.Jump());
    }

    [Theory]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    public void Jump_WhenTheWallClockIsSet_IsToldOnce(int seconds)
    {
        var wall = new WallClock(_clocks);
        _clocks.Pass(TimeSpan.FromMinutes(1) + TimeSpan.FromSeconds(seconds), TimeSpan.FromMinutes(1));

        Assert.Equal(TimeSpan.FromSeconds(seconds), wall.Jump());
        Assert.Null(wall.Jump());
    }

    private sealed class TwoClocks : TimeProvider
    {
        private DateTimeOffset _wall = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
        private TimeSpan _counted;

        public void Pass(TimeSpan wall, TimeSpan counted) => (_wall, _counted) = (_wall + wall, _counted + counted);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _counted.Ticks;
    }
}
