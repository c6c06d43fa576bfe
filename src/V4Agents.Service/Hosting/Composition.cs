using System.Net;
using V4Agents.Core.Workflows;
using V4Agents.Git;
using V4Agents.Grains.Hosting;
using V4Agents.Models;
using V4Agents.Postgres;
using V4Agents.Sandboxes.Docker;
using V4Agents.Service.Api;
using V4Agents.Service.Workflows;

namespace V4Agents.Service.Hosting;

/// <summary>The one place that knows every project.</summary>
internal static class Composition
{
    public static async Task<WebApplication> BuildAsync(ServiceSettings settings, string database, IPEndPoint listen, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Configuration.AddInMemoryCollection(Defaults(settings));
        builder.Configuration.AddInMemoryCollection(settings.Options);
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
        builder.Services.AddSingleton<IWorkflowReader>(await WorkflowFile.LoadAsync(cancellationToken));

        builder.Services.AddOptions<SiloOptions>().BindConfiguration(SiloOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var silo = builder.Configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        builder.AddSilo(database, settings.Database is null ? silo.WithFreePorts() : silo);
        builder.Services.AddPostgres(database).AddDeepSeekModels().AddDockerSandboxes().AddGitRepositories().AddTaskGrains(settings.Work).AddTasksApi();

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
