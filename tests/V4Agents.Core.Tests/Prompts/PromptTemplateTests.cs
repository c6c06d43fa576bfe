using V4Agents.Core.Prompts;
using Xunit;

namespace V4Agents.Core.Tests.Prompts;

public sealed class PromptTemplateTests
{
    [Fact]
    public void Fill_NeverReadsWhatItPutsInAsATemplate() => Assert.Equal(
        "a {{secret}} b", PromptTemplate.Fill("a {{issue}} b", new Dictionary<string, string> { ["issue"] = "{{secret}}", ["secret"] = "no" }));

    [Fact]
    public void Fill_WhenAPlaceholderHasNoValue_Throws() =>
        Assert.Throws<ArgumentException>(() => PromptTemplate.Fill("{{nothing}}", new Dictionary<string, string>()));

    [Fact]
    public void Fill_KeepsAnOpenBraceThatIsNoPlaceholder() =>
        Assert.Equal("x {{ y", PromptTemplate.Fill("x {{ y", new Dictionary<string, string>()));
}
