namespace V4Agents.TestKit.Machine;

/// <summary>A program that has ended: what it said and how.</summary>
public sealed record Ran(int ExitCode, string Output, string Error)
{
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];

    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}
