using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Npgsql;
using V4Agents.Postgres;
using V4Agents.Postgres.Local;
using V4Agents.Postgres.Migrations;

namespace V4Agents.Service.Hosting;

/// <summary>A running service: database, silo and API in this process. Disposing stops all of it; its tasks go on when the next one starts.</summary>
public sealed partial class V4Service : IAsyncDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(3);

    private readonly List<Func<ValueTask>> _undo;

    private V4Service(WebApplication app, string url, List<Func<ValueTask>> undo)
    {
        _undo = undo;
        Url = url;
        Stopping = app.Lifetime.ApplicationStopping;
    }

    public string Url { get; }

    /// <summary>Cancelled when the service stops on its own account.</summary>
    public CancellationToken Stopping { get; }

    /// <exception cref="ServiceStartException">The data directory is in use, or a part cannot start.</exception>
    public static async Task<V4Service> StartAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        // Whatever was begun is undone in reverse order, be it because a later part failed or because the service stops.
        var undo = new List<Func<ValueTask>>();
        try
        {
            return await StartAsync(settings, undo, cancellationToken);
        }
        catch (Exception e)
        {
            await UndoAsync(undo);
            if (Explain(e, settings) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    public ValueTask DisposeAsync() => UndoAsync(_undo);

    private static async Task<V4Service> StartAsync(ServiceSettings settings, List<Func<ValueTask>> undo, CancellationToken cancellationToken)
    {
        var listen = ListenAddress.Parse(settings.Listen);
        CheckAddresses(settings);
        CreateHome(settings.Home);
        var held = await HomeLock.TakeAsync(settings.Home, LockPatience, TimeProvider.System, cancellationToken)
            ?? throw new ServiceStartException(
                "conflict", $"Another service uses the data directory '{settings.Home}'{ServedAt(settings.Home)}. Use it, stop it, or set V4_HOME to another directory.");
        undo.Add(() => Done(held.Dispose));
        ServiceFile.Remove(settings.Home);

        var silo = SiloIdentity.Take(settings.Home, OptionsOf(settings));
        var database = settings.Database;
        PrivateCluster? cluster = null;
        if (database is null)
        {
            cluster = await PrivateCluster.StartAsync(
                new PrivateClusterOptions { Directory = Path.Combine(settings.Home, "postgres") }, cancellationToken);
            undo.Add(cluster.DisposeAsync);
            database = cluster.ConnectionString;
        }

        await Migrator.MigrateAsync(database, cancellationToken);
        if (settings.Work)
        {
            await DeadSilos.DeclareAsync(database, SiloSetup.ClusterId, silo, cancellationToken);
        }

        var app = await Composition.BuildAsync(settings, database, cluster, silo, listen, cancellationToken);
        undo.Add(app.DisposeAsync);
        undo.Add(() => new ValueTask(app.StopAsync(CancellationToken.None)));
        await app.StartAsync(cancellationToken);

        var url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        if (settings.Work)
        {
            // One that only looks is not to be found: a command that acts would ask it, and nothing would move.
            new ServiceFile(url, Environment.ProcessId, TimeProvider.System.GetUtcNow()).Write(settings.Home);
            undo.Add(() => Done(() => ServiceFile.Remove(settings.Home)));
        }

        if (!IPAddress.IsLoopback(silo.EndPoint.Address))
        {
            LogOpenSilo(app.Services.GetRequiredService<ILogger<V4Service>>(), silo.EndPoint);
        }

        return new V4Service(app, url, undo);
    }

    private static SiloOptions OptionsOf(ServiceSettings settings)
    {
        var configuration = new ConfigurationBuilder();
        configuration.AddOptions(settings);
        var options = configuration.Build().GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return options;
    }

    private static async ValueTask UndoAsync(List<Func<ValueTask>> undo)
    {
        // One step that fails must not leave the database running or the data directory locked.
        ExceptionDispatchInfo? first = null;
        while (undo.Count > 0)
        {
            var last = undo[^1];
            undo.RemoveAt(undo.Count - 1);
            try
            {
                await last();
            }
            catch (Exception e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }

    private static ValueTask Done(Action action)
    {
        action();
        return ValueTask.CompletedTask;
    }

    /// <summary>The connection string is not quoted, nor what its parser says: both may hold the password.</summary>
    private static void CheckAddresses(ServiceSettings settings)
    {
        if (settings.Database is { } database && !IsConnectionString(database))
        {
            throw new ServiceStartException(
                "database_unavailable", "V4_DATABASE is no connection string. Write it like Host=127.0.0.1;Port=5432;Database=v4;Username=v4;Password=....");
        }

        if (settings.Options.GetValueOrDefault("Sandbox:DockerHost") is { Length: > 0 } engine
            && !(Uri.TryCreate(engine, UriKind.Absolute, out var url) && url.Scheme is "unix" or "tcp" or "http" or "https" or "npipe"))
        {
            throw new ServiceStartException("usage", $"DOCKER_HOST (Sandbox:DockerHost) is '{engine}', which is no engine's address. Use one like unix:///var/run/docker.sock.");
        }
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(text).Host);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException or NotSupportedException)
        {
            return false;
        }
    }

    private static void CreateHome(string home)
    {
        try
        {
            // The usual mode: a private cluster may run as another user, who has to pass through. What is secret has its own mode.
            Directory.CreateDirectory(home);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServiceStartException("internal", $"The data directory '{home}' cannot be made: {e.Message} Set V4_HOME to a directory you may write.", e);
        }
    }

    private static string ServedAt(string home) => ServiceFile.Find(home) is { } other ? $" (process {other.Pid}, {other.Url})" : "";

    private static ServiceStartException? Explain(Exception e, ServiceSettings settings) => e switch
    {
        DatabaseUnavailableException => new ServiceStartException("database_unavailable", e.Message, e),
        NpgsqlException => new ServiceStartException("database_unavailable", $"The database cannot be used: {e.Message}", e),
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" } =>
            new ServiceStartException("usage", $"The configuration is refused: {e.Message}", e),
        ArgumentException { Source: "Npgsql" } when settings.Database is not null =>
            new ServiceStartException("database_unavailable", $"V4_DATABASE is refused: {e.Message}", e),
        ValidationException invalid => new ServiceStartException("usage", $"The configuration is refused: {invalid.Message}", e),
        OptionsValidationException invalid => new ServiceStartException("usage", $"The configuration is refused: {string.Join(" ", invalid.Failures)}", e),
        IOException { InnerException: SocketException or IOException } when e.Message.Contains("address", StringComparison.OrdinalIgnoreCase) =>
            new ServiceStartException("usage", $"The service cannot listen on {settings.Listen}: {e.Message} Choose another with V4_LISTEN.", e),
        UnauthorizedAccessException => new ServiceStartException("internal", $"The data directory '{settings.Home}' cannot be used: {e.Message}", e),
        _ => null,
    };

    [LoggerMessage(1, LogLevel.Warning,
        "The silo listens on {endpoint} and asks for no credentials: whoever reaches that port can do what the service can. Let only the other silos reach it.")]
    private static partial void LogOpenSilo(ILogger logger, IPEndPoint endpoint);
}
