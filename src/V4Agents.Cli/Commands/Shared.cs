using System.CommandLine;

namespace V4Agents.Cli.Commands;

/// <summary>Options and arguments that several commands have.</summary>
internal static class Shared
{
    public static Option<string?> Server() => new("--server") { Description = "The service's address. Default: V4_SERVER, else the one that runs, else one in this process." };

    public static Option<bool> Json() => new("--json") { Description = "JSON for programs." };

    public static Option<string?> Out() => new("--out") { Description = "Directory for patch.diff, report.md and receipt.json. Default: outcomes/ID in the data directory." };

    public static Option<int?> Steps() => new("--steps") { Description = "The most model steps the task may take." };

    public static Option<decimal?> Usd() => new("--usd") { Description = "The most dollars the task may spend." };

    public static Option<string?> Wall() => new("--wall") { Description = "The longest the task may last: 90s, 30m, 4h." };

    public static Option<string?> Key() => new("--key") { Description = "Idempotency key: the same key is the same task." };

    public static Argument<string> Task() => new("task") { Description = "The task's id." };

    public static void CheckKey(string? key)
    {
        if (key is not null && key.Any(c => c is < ' ' or > '~'))
        {
            throw new UsageException("--key holds a line end or another character that is not printable ASCII. Use letters, digits and punctuation.");
        }
    }
}
