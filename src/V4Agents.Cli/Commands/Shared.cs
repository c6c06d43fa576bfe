using System.CommandLine;

namespace V4Agents.Cli.Commands;

/// <summary>Options and arguments that several commands have.</summary>
internal static class Shared
{
    public static Option<string?> Server() => new("--server") { Description = "The service's address. Default: V4_SERVER, else the one that runs, else one in this process." };

    public static Option<bool> Json() => new("--json") { Description = "JSON for programs." };

    public static Option<string?> Out() => new("--out") { Description = "Directory for patch.diff, report.md and receipt.json. Default: outcomes/ID in the data directory." };

    public static Argument<string> Task() => new("task") { Description = "The task's id." };
}
