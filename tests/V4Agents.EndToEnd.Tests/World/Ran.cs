namespace V4Agents.EndToEnd.Tests.World;

/// <summary>A program that has ended: what it said and how.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];

    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}
