using System.Globalization;

namespace V4Agents.Git.Commands;

/// <summary>The environment of a git process: nothing prompts, nothing points at another repository, only known transports run.</summary>
internal static class GitEnvironment
{
    /// <summary>What of the surrounding <c>GIT_*</c> variables is about the user's network and not about some repository.</summary>
    private static readonly string[] Kept =
    [
        "GIT_SSH", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_", "GIT_EXEC_PATH", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_",
    ];

    private static readonly KeyValuePair<string, string>[] Always =
    [
        // Mirrors may belong to another user of this machine; we never run hooks and keep every object until a person removes the mirror.
        new("safe.directory", "*"),
        new("core.hooksPath", "/dev/null"),
        new("gc.auto", "0"),
        // A fetch arrives as one pack or not at all: one that is killed never leaves a commit without its files.
        new("fetch.unpackLimit", "1"),
        new("maintenance.auto", "false"),
        new("core.attributesFile", "/dev/null"),
        new("core.fsmonitor", "false"),
    ];

    public static void Apply(IDictionary<string, string?> environment, GitRun run)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
        {
            if (run.Isolated || !Kept.Any(kept => name.StartsWith(kept, StringComparison.Ordinal)))
            {
                environment.Remove(name);
            }
        }

        environment.Remove("SSH_ASKPASS");
        environment["SSH_ASKPASS_REQUIRE"] = "never";
        environment["GIT_ASKPASS"] = "";
        environment["GIT_TERMINAL_PROMPT"] = "0";
        environment["GCM_INTERACTIVE"] = "never";
        environment["GIT_ALLOW_PROTOCOL"] = "file:http:https:ssh:git";
        environment["GIT_ATTR_NOSYSTEM"] = "1";
        environment["GIT_OPTIONAL_LOCKS"] = "0";
        // Messages are matched to tell one failure from another.
        environment["LC_ALL"] = "C";
        if (run.Isolated)
        {
            environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
            environment["GIT_CONFIG_NOSYSTEM"] = "1";
        }

        foreach (var (name, value) in run.Environment)
        {
            environment[name] = value;
        }

        Settings(environment, [.. Always, .. run.Settings]);
    }

    private static void Settings(IDictionary<string, string?> environment, IReadOnlyList<KeyValuePair<string, string>> settings)
    {
        _ = int.TryParse(environment.TryGetValue("GIT_CONFIG_COUNT", out var text) ? text : null, CultureInfo.InvariantCulture, out var count);
        foreach (var (name, value) in settings)
        {
            environment[$"GIT_CONFIG_KEY_{count}"] = name;
            environment[$"GIT_CONFIG_VALUE_{count++}"] = value;
        }

        environment["GIT_CONFIG_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
    }
}
