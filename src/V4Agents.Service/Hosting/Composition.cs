using System.Net;
using V4Agents.Core.Workflows;
using V4Agents.Git;
using V4Agents.Grains.Hosting;
using V4Agents.Grains.Tasks;
using V4Agents.Models;
using V4Agents.Postgres;
using V4Agents.Postgres.Local;
using V4Agents.Sandboxes.Docker;
using V4Agents.Service.Api;
using V4Agents.Service.Workflows;

namespace V4Agents.Service.Hosting;

/// <summary>The one place that knows every project.</summary>
internal static class Composition
{
    /// <summary>What the parts are told: our defaults, then the settings' options.</summary>
    public static void AddOptions(this IConfigurationBuilder configuration, ServiceSettings settings) =>
        configuration.AddInMemoryCollection(Defaults(settings)).AddInMemoryCollection(settings.Options);

    /// <param name="own">The private database, which the service keeps alive; null when another was named.</param>
    public static async Task<WebApplication> BuildAsync(
        ServiceSettings settings, string database, PrivateCluster? own, SiloIdentity silo, IPEndPoint listen, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddOptions(settings);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listen);
        });
        builder.Logging.ClearProviders().AddConfiguration(builder.Configuration.GetSection("Logging"))
            .AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));
        builder.Services.AddSingleton<IHostLifetime, OutsideLifetime>();
        builder.Services.AddSingleton(TimeProvider.System);
        if (settings.FaultPoint is { } point)
        {
            builder.Services.AddSingleton<IFaultPoints>(ProcessFaultPoint.Parse(point));
        }

        builder.Services.AddSingleton<IWorkflowReader>(await WorkflowFile.LoadAsync(cancellationToken));

        if (own is not null)
        {
            // Registered first, it is stopped last.
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<ClusterSupervision>(services, own));
        }

        var ofSilo = ConnectionSettings.Complete(database, "v4agents silo", most: 16);
        if (settings.Work)
        {
            builder.AddSilo(ofSilo, silo);
        }
        else
        {
            builder.AddLoneSilo(ofSilo, silo);
        }

        builder.Services.AddPostgres(ConnectionSettings.Complete(database, "v4agents", most: 48)).AddDeepSeekModels().AddDockerSandboxes().AddGitRepositories().AddTaskGrains(settings.Work, settings.OnlyTask).AddTasksApi();

        // A page of another site that made its name point here (DNS rebinding) is not this machine's user.
        builder.Services.AddHostFiltering(filter => filter.AllowedHosts = ["127.0.0.1", "localhost", "[::1]"]);

        var app = builder.Build();
        app.UseHostFiltering();
        app.MapTasksApi();
        return app;
    }

    private static Dictionary<string, string?> Defaults(ServiceSettings settings) => new()
    {
        ["Logging:LogLevel:Default"] = settings.Verbose ? "Warning" : "Error",
        ["Logging:LogLevel:V4Agents"] = settings.Verbose ? "Information" : "Error",
        // They advise on garbage collection, and measure the time before the process was.
        ["Logging:LogLevel:Orleans.Runtime.Silo"] = "Error",
        ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",
        ["Git:MirrorDirectory"] = Path.Combine(settings.Home, "mirrors"),
        ["Models:AnswerDirectory"] = Path.Combine(settings.Home, "answers"),
    };
}
