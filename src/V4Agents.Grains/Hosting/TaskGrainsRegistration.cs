using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Workflows;
using V4Agents.Grains.Execution;
using V4Agents.Grains.Tasks;

namespace V4Agents.Grains.Hosting;

public static class TaskGrainsRegistration
{
    /// <summary>What the task grains need besides the ports: the executors, and the services that wake tasks, look after sandboxes and name tasks that stand still.</summary>
    /// <param name="work">False for a service that only shows tasks: it starts no effect, so that looking at a task costs nothing.</param>
    /// <param name="only">The one task that is worked on, by its id; null for all.</param>
    public static IServiceCollection AddTaskGrains(this IServiceCollection services, bool work = true, string? only = null)
    {
        services.AddSingleton(new TaskWork(work, only is null ? null : new TaskId(only)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LiveTasks>();
        services.TryAddSingleton<IFaultPoints, NoFaultPoints>();
        services.AddSingleton<PatientBlobs>();
        services.AddSingleton<ModelCalls>();
        services.AddSingleton<ToolCalls>();
        services.AddSingleton<Workspaces>();
        services.AddSingleton<Verifications>();
        services.AddSingleton<Execution.Conversations>();
        services.AddSingleton<Deliveries>();
        services.AddSingleton<Halts>();
        services.AddSingleton<ActionExecutor>();
        services.AddSingleton(parts => new Replays(
            parts.GetRequiredService<ITaskJournal>(), parts.GetRequiredService<IBlobStore>(), parts.GetRequiredService<IWorkflowReader>(),
            parts.GetRequiredService<ModelCalls>()));
        services.AddOptions<WatchdogOptions>().BindConfiguration(WatchdogOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IStalledTasks, StalledTasks>();
        if (work)
        {
            services.AddSingleton<TaskWaking>();
            services.AddHostedService<TaskRecovery>();
            services.AddHostedService<ForeignAppendWatch>();
            services.AddHostedService<SiloLossRecovery>();
            services.AddSingleton<SandboxReconciliation>();
            services.AddHostedService<SandboxReconciler>();
            services.AddHostedService<Watchdog>();
        }

        return services;
    }
}
