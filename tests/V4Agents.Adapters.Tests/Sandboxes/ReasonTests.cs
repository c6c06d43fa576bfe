using V4Agents.Sandboxes.Calls.Protocol;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

public sealed class ReasonTests
{
    [Fact]
    public void Bound_WhenTheCutWouldSplitACharacter_CutsBeforeIt()
    {
        Assert.Equal("short", Reason.Bound("short"));
        Assert.Equal(new string('x', 998) + "…", Reason.Bound(new string('x', 998) + "😀😀"));
        Assert.Equal(new string('x', 999) + "…", Reason.Bound(new string('x', 1001)));
    }
}
