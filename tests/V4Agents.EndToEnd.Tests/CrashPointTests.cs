using V4Agents.Chaos.Points;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

/// <summary>The most telling points of the crash matrix. <c>./v4 chaos --points</c> runs all of them.</summary>
public sealed class CrashPointTests
{
    [Fact]
    public async Task Task_WhenTheServiceDiesAtAPoint_EndsWithTheSamePatchAndEachEffectOnce()
    {
        var output = new StringWriter();
        string[] points =
        [
            "before-append:model_call.completed#2",
            "during:tool-bash",
            "before-append:tool_call.completed#2",
            "after:push-branch",
            "after-append:tool_call.started#2 > during:reconcile",
            "after-append:tool_call.completed#2 + docker rm -f > after:restore-sandbox",
        ];

        var held = await new PointsRun(new PointsOptions(points, Worlds: 2, TimeSpan.FromMinutes(10)), output).RunAsync(default);

        Assert.True(held, output.ToString());
        Assert.Contains($"{points.Length} of {points.Length} points", output.ToString(), StringComparison.Ordinal);
    }
}
