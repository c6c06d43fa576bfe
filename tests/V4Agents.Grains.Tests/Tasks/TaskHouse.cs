using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Core.Journal;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Hosting;
using V4Agents.Grains.Tasks;
using V4Agents.TestKit.Fakes;
using V4Agents.TestKit.Tasks;

namespace V4Agents.Grains.Tests.Tasks;

/// <summary>A real silo over ports in memory. The world (journal, containers, model) survives the silo's restarts.</summary>
internal sealed class TaskHouse(ScriptedModel model) : IAsyncDisposable
{
    private InProcessTestCluster? _cluster;

    public MemoryJournal Journal { get; } = new();

    public FakeSandboxes Sandboxes { get; } = new();

    public FakeRepositories Repositories { get; } = new();

    public ScriptedModel Model { get; } = model;

    public FixedWorkflow Workflow { get; } = new();

    /// <summary>Three replies: look, fix, submit.</summary>
    public static ScriptedModel GreenPatch() => new(
        ScriptedModel.Calls(("bash", """{"command":"touch a"}"""), ("view", """{"path":"a"}""")),
        ScriptedModel.Calls(("edit", """{"path":"fix","old_string":"a","new_string":"b"}""")),
        ScriptedModel.Calls(("submit", """{"summary":"fixed"}""")));

    /// <summary>The check passes once the edit was made.</summary>
    public static (int, string) Fixing(SandboxCall call, IDictionary<string, string> files)
    {
        if (call.Tool == "edit")
        {
            files["fix"] = "done";
        }

        return call.ArgumentsJson.Contains("make test", StringComparison.Ordinal) && !files.ContainsKey("fix") ? (1, "FAILED a.py::t\n") : (0, "PASSED a.py::t\n");
    }

    public ITaskGrain Task(string? id = null) => _cluster!.Client.GetGrain<ITaskGrain>(id ?? Events.TheTask.Value);

    public async Task StartAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.Services.AddGrainSerialization();
            silo.Services.AddSingleton<ITaskJournal>(Journal).AddSingleton<ITaskSummaries>(Journal).AddSingleton<IForeignAppends>(Journal).AddSingleton<IBlobStore>(Journal)
                .AddSingleton<ISandboxes>(Sandboxes).AddSingleton<ISandboxRegistry>(Sandboxes).AddSingleton<IRepositories>(Repositories)
                .AddSingleton<IModelClient>(Model).AddSingleton<IPriceBook>(Model).AddSingleton<IWorkflowReader>(Workflow)
                .AddTaskGrains();
        });
        builder.ConfigureClientHost(host => host.Services.AddGrainSerialization());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <summary>Kills the silo without farewell and starts another on the same world.</summary>
    public async Task RestartAsync()
    {
        await _cluster!.KillSiloAsync(_cluster.Silos[0]);
        await _cluster.DisposeAsync();
        await StartAsync();
    }

    public async Task<TaskSubmission> SubmitAsync(Budget? budget = null, Func<TaskSubmission, TaskSubmission>? change = null)
    {
        var issue = await Journal.PutTextAsync("It breaks.", default);
        var workflow = await Journal.PutTextAsync("name: x", default);
        var submission = Events.Submission(budget) with { Issue = issue, Workflow = workflow };
        submission = change?.Invoke(submission) ?? submission;
        await Task().SubmitAsync(submission, default);
        return submission;
    }

    /// <summary>Waits for the event that <paramref name="wanted"/> accepts; the limit only guards against a hang.</summary>
    public async Task<TaskEvent> EventAsync(Func<TaskEvent, bool> wanted, TaskId? task = null)
    {
        var of = task ?? Events.TheTask;
        var found = new TaskCompletionSource<TaskEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = Journal.AfterAppend;
        Journal.AfterAppend = (task, events) =>
        {
            if (task == of && events.FirstOrDefault(wanted) is { } e)
            {
                found.TrySetResult(e);
            }

            return before(task, events);
        };
        if ((await Journal.ReadAsync(of, 0, default)).FirstOrDefault(entry => wanted(entry.Event)) is { } already)
        {
            return already.Event;
        }

        return await found.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async Task<IReadOnlyList<TaskEvent>> FinishedAsync(TaskId? task = null)
    {
        await EventAsync(e => e is TaskEvent.Finished, task);
        return [.. (await Journal.ReadAsync(task ?? Events.TheTask, 0, default)).Select(entry => entry.Event)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}
