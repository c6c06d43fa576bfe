using YamlDotNet.Core;

namespace V4Agents.Service.Workflows;

/// <summary>Line and column, both from 1.</summary>
/// <param name="IsBlock">A block scalar: its text begins on the following line.</param>
internal readonly record struct YamlPlace(long Line, long Column, bool IsBlock)
{
    public static YamlPlace Of(Mark mark) => new(Math.Max(1, mark.Line), Math.Max(1, mark.Column), IsBlock: false);
}
