using System.CommandLine;
using System.Text.Json;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;

namespace V4Agents.Cli.Commands;

internal static class SubmitCommand
{
    public static Command Build(CliHost host)
    {
        var repository = new Option<string>("--repo") { Description = "A git repository: a path or a URL.", Required = true };
        var reference = new Option<string?>("--ref") { Description = "Branch, tag or commit. Default: HEAD." };
        var issue = new Option<string>("--issue") { Description = "A file that holds the issue, its text, or - for standard input.", Required = true };
        var title = new Option<string?>("--title") { Description = "A line for lists. Default: the issue's first line." };
        var checks = new Option<string[]>("--check") { Description = "A command that must succeed on the patched checkout; may be given several times." };
        var workflow = new Option<string?>("--workflow") { Description = "A workflow's name or file. Default: issue-to-patch." };
        var steps = Shared.Steps();
        var usd = Shared.Usd();
        var wall = Shared.Wall();
        var branch = new Option<string?>("--branch") { Description = "Push the verified patch to a new branch of this name in the repository." };
        var approval = new Option<bool>("--approval") { Description = "A person must approve the verified patch (v4 approve) before it is delivered." };
        var key = Shared.Key();
        var wait = new Option<bool>("--wait") { Description = "Follow the task and save what it delivers." };
        var outDirectory = Shared.Out();
        var server = Shared.Server();
        var json = Shared.Json();
        var command = new Command("submit", "Submit an issue to be turned into a verified patch.")
        {
            repository, reference, issue, title, checks, workflow, steps, usd, wall, branch, approval, key, wait, outDirectory, server, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(checks) is null or { Length: 0 })
            {
                result.AddError("--check is missing: name at least one command that must succeed on the patched checkout, such as --check 'python3 -m pytest -q'.");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Shared.CheckKey(parsed.GetValue(key));
            var request = new SubmitBody(
                RepositoryOf(host, parsed.GetValue(repository)!), await IssueOfAsync(host, parsed.GetValue(issue)!, cancellationToken),
                parsed.GetValue(checks), parsed.GetValue(reference), parsed.GetValue(title),
                Budget: new BudgetBody(parsed.GetValue(steps), parsed.GetValue(usd), Minutes(parsed.GetValue(wall))),
                Branch: parsed.GetValue(branch), Approval: parsed.GetValue(approval) ? true : null);
            request = await WithWorkflowAsync(host, request, parsed.GetValue(workflow), cancellationToken);

            await using var connected = await Server.ConnectAsync(host, parsed.GetValue(server), work: parsed.GetValue(wait), cancellationToken);
            var (task, created) = await connected.Client.SubmitAsync(request, parsed.GetValue(key), cancellationToken);
            if (parsed.GetValue(wait))
            {
                if (!parsed.GetValue(json))
                {
                    host.Out.Line($"task {task.Id}");
                }

                return await Waiting.ForAsync(host, connected, task.Id, parsed.GetValue(outDirectory), parsed.GetValue(json), cancellationToken);
            }

            if (parsed.GetValue(json))
            {
                host.Out.Line(JsonSerializer.Serialize(task, ContractJson.Options));
                return 0;
            }

            host.Out.Line(created ? $"task {task.Id}" : $"task {task.Id} (submitted before)");
            host.Out.Line(connected.IsInProcess
                ? $"No service runs: the task starts when one does (v4 serve), or with v4 watch {task.Id}"
                : $"Follow it with: v4 watch {task.Id}");
            return 0;
        });
        return command;
    }

    /// <summary>A local path must mean the same to a service that runs elsewhere on this machine.</summary>
    internal static string RepositoryOf(CliHost host, string repository) =>
        repository.Contains("://", StringComparison.Ordinal) || (repository.Contains(':') && !Path.Exists(host.Absolute(repository)))
            ? repository
            : host.Absolute(repository);

    internal static double? Minutes(string? wall)
    {
        if (wall is null)
        {
            return null;
        }

        return wall.Length > 1 && int.TryParse(wall.AsSpan(0, wall.Length - 1), out var number) && number > 0
            ? wall[^1] switch
            {
                's' => number / 60.0,
                'm' => number,
                'h' => number * 60.0,
                _ => throw NotADuration(wall),
            }
            : throw NotADuration(wall);
    }

    private static UsageException NotADuration(string wall) => new($"--wall '{wall}' is no duration. Write a whole number with s, m or h: 90s, 30m, 4h.");

    private static async Task<string> IssueOfAsync(CliHost host, string issue, CancellationToken cancellationToken)
    {
        if (issue == "-")
        {
            return await host.In.ReadToEndAsync(cancellationToken);
        }

        if (issue.Contains('\n'))
        {
            return issue;
        }

        var path = host.Absolute(issue);
        return File.Exists(path) ? await File.ReadAllTextAsync(path, cancellationToken)
            : Directory.Exists(path) || LooksLikeAPath(issue) ? throw new UsageException($"There is no issue file '{path}'.")
            : issue;
    }

    /// <summary>A mistyped path must not become the issue's text.</summary>
    private static bool LooksLikeAPath(string issue) =>
        !issue.Any(char.IsWhiteSpace) && (issue.Contains('/') || Path.GetExtension(issue) is ".md" or ".txt" or ".rst");

    private static async Task<SubmitBody> WithWorkflowAsync(CliHost host, SubmitBody request, string? workflow, CancellationToken cancellationToken)
    {
        if (workflow is null)
        {
            return request;
        }

        var path = host.Absolute(workflow);
        return File.Exists(path)
            ? request with { WorkflowYaml = await File.ReadAllTextAsync(path, cancellationToken) }
            : workflow.Contains('/') || workflow.EndsWith(".yaml", StringComparison.Ordinal)
                ? throw new UsageException($"There is no workflow file '{path}'.")
                : request with { Workflow = workflow };
    }
}
