using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[CollectionDefinition(Name)]
public sealed class SandboxCollection : ICollectionFixture<SandboxEngine>
{
    public const string Name = "sandboxes";
}
