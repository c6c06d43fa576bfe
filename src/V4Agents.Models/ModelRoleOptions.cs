using V4Agents.Core.Conversations;

namespace V4Agents.Models;

/// <summary>Which model serves a role, how hard it thinks and how much it may write in one call.</summary>
public sealed class ModelRoleOptions
{
    /// <summary>The API's model name. Default: <c>deepseek-flash</c>.</summary>
    public string Model { get; set; } = "deepseek-flash";

    /// <summary><c>none</c> (no thinking), <c>low</c>, <c>high</c> or <c>max</c>. Default: <c>high</c>.</summary>
    public string Effort { get; set; } = "high";

    /// <summary>Bound on reasoning and answer of one call together, 1 to 393216 tokens. Default: 65536.</summary>
    public int MaxOutputTokens { get; set; } = 65_536;

    internal ModelProfile ToProfile() => new(Model, Effort, MaxOutputTokens);
}
