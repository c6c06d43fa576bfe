using V4Agents.Core.Tasks;
using Xunit;

namespace V4Agents.Core.Tests;

public sealed class FenceTests
{
    [Fact]
    public void Core_ReferencesTheBaseClassLibraryOnly() => Assert.All(
        typeof(TaskEvent).Assembly.GetReferencedAssemblies(), name => Assert.StartsWith("System.", name.Name, StringComparison.Ordinal));
}
