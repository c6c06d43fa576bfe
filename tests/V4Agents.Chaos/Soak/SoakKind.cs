using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Soak;

/// <summary>
/// What a task does. Each of its steps leaves one line in the work tree, and no step looks whether it was done: one that is lost or repeated shows in
/// the patch, and the check refuses it.
/// </summary>
internal sealed record SoakKind(string Name, bool Pushes, ScriptTurn Third)
{
    public static readonly IReadOnlyList<SoakKind> All =
    [
        new("plain", Pushes: false, ScriptTurn.Bash("sleep 1; echo step-3 >> steps.log")),
        new("flood", Pushes: false, ScriptTurn.Bash("echo step-3 >> steps.log; yes 'a line of a long output' | head -c 5000000; sleep 0.5")),
        new("push", Pushes: true, ScriptTurn.Bash("echo step-3 >> steps.log; sleep 1.5")),
        new("background", Pushes: false, ScriptTurn.Bash("echo step-3 >> steps.log; (sleep 600 &); sleep 601 & sleep 0.5")),
    ];

    public static readonly IReadOnlyList<(string Path, string Content)> Repository =
        [("README.md", "# Steps\n"), ("counter.txt", "begin\nend\n"), ("check.sh", CheckScript)];

    public const string Check = "bash check.sh";

    /// <summary>Lines that the patch adds, in whatever file, each of them once.</summary>
    public static readonly IReadOnlyList<string> Lines = [.. Enumerable.Range(1, Calls).Select(step => $"step-{step}")];

    /// <summary>Tool calls of a task, the submission not counted.</summary>
    public const int Calls = 6;

    private const string CheckScript =
        """
        set -e
        [ "$(cat steps.log)" = "$(printf 'step-%s\n' 1 3 5 6)" ]
        [ "$(cat notes/two.txt)" = step-2 ]
        [ "$(cat counter.txt)" = "$(printf 'begin\nstep-4\nend\n')" ]
        """ + "\n";

    public IReadOnlyList<ScriptTurn> Turns =>
    [
        ScriptTurn.Bash("echo step-1 >> steps.log; sleep 0.5"),
        ScriptTurn.Write("notes/two.txt", "step-2\n") with { ChunkMilliseconds = 80 },
        Third,
        ScriptTurn.Edit("counter.txt", "end", "step-4\nend"),
        ScriptTurn.Bash("echo step-5 >> steps.log; sleep 2") with { ChunkMilliseconds = 60 },
        ScriptTurn.Bash("sleep 0.5; echo step-6 >> steps.log; sleep 0.3"),
        ScriptTurn.Submit(),
    ];
}
