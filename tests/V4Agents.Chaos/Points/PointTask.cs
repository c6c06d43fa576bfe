using V4Agents.Chaos.World;
using V4Agents.Client.Contract;

namespace V4Agents.Chaos.Points;

/// <summary>The task of the matrix. It has every effect there is: triage, each tool, a gate that fails and one that passes, a say, an approval, a push.</summary>
internal sealed record PointTask(int Number)
{
    /// <summary>More than the points that can be asked for in one run.</summary>
    public const int Most = 200;

    public const int Calls = 6;

    public static readonly IReadOnlyList<string> Lines = ["step-2", "step-3", "step-6", "step-7"];

    public static readonly IReadOnlyList<(string Path, string Content)> Repository =
        [("README.md", "# Steps\n"), ("counter.txt", "begin\nend\n"), ("check.sh", CheckScript)];

    public static readonly IReadOnlyList<ScriptTurn> Turns =
    [
        ScriptTurn.View("README.md"),
        ScriptTurn.Bash("echo step-2 >> steps.log; sleep 2"),
        ScriptTurn.Write("notes/three.txt", "step-3\n"),
        ScriptTurn.Search("begin"),
        ScriptTurn.Submit(),
        ScriptTurn.Edit("counter.txt", "end", "step-6\nend"),
        ScriptTurn.Bash("echo step-7 >> steps.log"),
        ScriptTurn.Submit(),
    ];

    private const string CheckScript =
        """
        set -e
        [ "$(cat steps.log)" = "$(printf 'step-%s\n' 2 7)" ]
        [ "$(cat notes/three.txt)" = step-3 ]
        [ "$(cat counter.txt)" = "$(printf 'begin\nstep-6\nend\n')" ]
        """ + "\n";

    public string Name => $"point-{Number:000}";

    public string Marker => $"[{Name}]";

    public string Branch => $"points/{Name}";

    public SubmitBody Request(string repository) => new(
        repository, $"{Marker} Do every step once.", ["bash check.sh"], Title: Name, Branch: Branch, Approval: true, Budget: new BudgetBody(Usd: 100_000));
}
