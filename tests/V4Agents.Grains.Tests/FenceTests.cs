using V4Agents.Grains.Tasks;
using Xunit;

namespace V4Agents.Grains.Tests;

public sealed class FenceTests
{
    [Fact]
    public void Grains_KnowCoreAndOrleansAndNoAdapter() => Assert.Equal(
        ["V4Agents.Core"],
        typeof(ITaskGrain).Assembly.GetReferencedAssemblies().Select(name => name.Name).Where(name => name!.StartsWith("V4Agents.", StringComparison.Ordinal)));
}
