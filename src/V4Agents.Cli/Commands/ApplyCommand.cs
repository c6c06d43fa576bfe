using System.CommandLine;
using V4Agents.Cli.Processes;
using V4Agents.Cli.Servers;

namespace V4Agents.Cli.Commands;

internal static class ApplyCommand
{
    public static Command Build(CliHost host)
    {
        var task = Shared.Task();
        var repository = new Option<string?>("--repo") { Description = "Your checkout. Default: the current directory." };
        var server = Shared.Server();
        var command = new Command("apply", "Apply a finished task's patch to your own checkout; nothing is changed when it does not apply.") { task, repository, server };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var id = parsed.GetRequiredValue(task);
            var directory = host.Absolute(parsed.GetValue(repository) ?? ".");
            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: false, cancellationToken);
            var found = await connected.Client.GetAsync(id, cancellationToken);
            var patch = await connected.Client.PatchAsync(id, cancellationToken);
            var top = await Tool.RunAsync(["git", "-C", directory, "rev-parse", "--show-toplevel"], null, cancellationToken);
            if (top.ExitCode != 0)
            {
                throw new UsageException($"'{directory}' is not a git checkout: {top.Error.Trim()} Name yours with --repo.");
            }

            // From the top: elsewhere git leaves out, without a word, the files outside the current directory.
            var root = top.Output.TrimEnd('\n');
            var check = await Tool.RunAsync(["git", "-C", root, "apply", "--check", "-"], patch, cancellationToken);
            if (check.ExitCode != 0)
            {
                await host.Error.WriteLineAsync(
                    $"The patch of {id} does not apply in '{root}', so nothing was changed:\n{Output.Printable.Text(check.Error.Trim())}\n"
                    + $"It was made for commit {found.Commit}. Check that out, or see the patch with: v4 diff {id}");
                return (int)ExitCode.PatchDoesNotApply;
            }

            var applied = await Tool.RunAsync(["git", "-C", root, "apply", "-"], patch, cancellationToken);
            if (applied.ExitCode != 0)
            {
                throw new IOException($"git apply failed in '{root}': {applied.Error.Trim()}");
            }

            host.Out.Line($"applied {Output.TaskLines.Patch(found)} to {root}; look at it with git diff");
            if (found.Outcome != "verified")
            {
                host.Out.Line($"note: this patch is not verified; the task ended as {found.Outcome}", "yellow");
            }

            return 0;
        });
        return command;
    }
}
