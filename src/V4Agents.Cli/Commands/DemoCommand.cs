using System.CommandLine;
using V4Agents.Cli.Demo;
using V4Agents.Cli.Output;
using V4Agents.Cli.Servers;
using V4Agents.Client.Contract;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli.Commands;

internal static class DemoCommand
{
    private const string Check = "python3 -m pytest -q";

    public static Command Build(CliHost host)
    {
        var command = new Command("demo", "Turn a ready-made issue into a verified patch: with the simulator, or with the real model when a key is set.");
        command.SetAction((_, cancellationToken) => RunAsync(host, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliHost host, CancellationToken cancellationToken)
    {
        var settings = host.Settings();
        // A data directory of its own: the demo neither needs nor disturbs a service that runs.
        settings = settings with { Home = Path.Combine(settings.Home, "demo"), Database = null };
        var files = DemoFiles.Find(host.Environment.GetValueOrDefault("V4_SIMULATOR"));
        var repository = Path.Combine(settings.Home, "repository");
        await DemoRepository.CreateAsync(files.Repository, repository, cancellationToken);
        host.Out.Line($"repository: {repository}");

        await using var simulator = settings.HasModel ? null : await SimulatorProcess.StartAsync(files.Simulator, files.Scenario, cancellationToken);
        host.Out.Line(simulator is null ? "model: the configured endpoint" : $"model: simulator at {simulator.Url} (set DEEPSEEK_API_KEY for the real one)");
        await using var server = await Server.StartAsync(host, simulator is null ? settings : WithModel(settings, simulator.Url), cancellationToken);
        var request = new SubmitBody(repository, await File.ReadAllTextAsync(files.Issue, cancellationToken), [Check]);
        var (task, _) = await server.Client.SubmitAsync(request, idempotencyKey: null, cancellationToken);
        host.Out.Line($"task {task.Id}");

        var finished = await FinishAsync(host, server, task.Id, cancellationToken);
        var written = await OutcomeFiles.SaveAsync(server.Client, task.Id, Path.Combine(settings.Home, "outcomes", task.Id), cancellationToken);
        if (written.FirstOrDefault(path => path.EndsWith(".diff", StringComparison.Ordinal)) is { } patch)
        {
            host.Out.Line();
            DiffText.WriteLines(host.Out, await File.ReadAllBytesAsync(patch, cancellationToken));
            host.Out.Line();
        }

        foreach (var path in written)
        {
            host.Out.Line($"{Path.GetFileNameWithoutExtension(path)}: {path}");
        }

        host.Out.Line(TaskLines.Verdict(finished), finished.Outcome == "verified" ? "bold green" : "bold red");
        return (int)ExitCodes.Of(finished);
    }

    /// <summary>Nobody comes back to a demo that was interrupted: it is cancelled, so that its containers go too.</summary>
    private static async Task<TaskBody> FinishAsync(CliHost host, Server server, string task, CancellationToken cancellationToken)
    {
        var follower = new TaskFollower(server.Client, host.Out, host.Error, host.Clock, json: false);
        try
        {
            return await follower.FollowAsync(task, after: 0, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await server.Client.CancelAsync(task, "the demo was interrupted", CancellationToken.None);
            return await follower.FollowAsync(task, after: 0, CancellationToken.None);
        }
    }

    private static ServiceSettings WithModel(ServiceSettings settings, string url) => settings with
    {
        Options = new Dictionary<string, string?>(settings.Options) { ["Models:Url"] = url },
    };
}
