using Npgsql;

namespace V4Agents.Postgres.Local;

/// <summary>The server programs applied to one cluster directory. Caller holds the start lock for everything but preparing.</summary>
internal sealed class ClusterServer
{
    public const string LogName = "postgres.log";

    private const string Superuser = "v4agents";
    private const int Port = 5432;

    /// <summary>What the kernel allows for the path of a unix socket, without the closing zero.</summary>
    private const int MaxSocketPath = 107;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly ServerAccount _account;
    private readonly string _directory;

    private ClusterServer(PostgresBinaries binaries, ServerAccount account, string directory)
    {
        Binaries = binaries;
        _account = account;
        _directory = directory;
    }

    public PostgresBinaries Binaries { get; }

    public bool IsRunning => Postmaster.Find(Data) is not null;

    private string Data => Path.Combine(_directory, "data");

    private string Log => Path.Combine(_directory, LogName);

    /// <summary>Finds the programs and makes the cluster's directory.</summary>
    public static async Task<ClusterServer> PrepareAsync(PrivateClusterOptions options, string directory, CancellationToken cancellationToken)
    {
        var socket = Path.Combine(directory, $".s.PGSQL.{Port}");
        if (System.Text.Encoding.UTF8.GetByteCount(socket) > MaxSocketPath)
        {
            throw new DatabaseUnavailableException(
                $"The private database cannot run in '{directory}': the path of its socket would be longer than the {MaxSocketPath} bytes a unix socket "
                + "allows. Choose a directory with a shorter path.");
        }

        RefuseForeignContent(directory);
        var versionFile = Path.Combine(directory, "data", "PG_VERSION");
        int? major = File.Exists(versionFile) ? int.Parse((await File.ReadAllTextAsync(versionFile, cancellationToken)).Split('.')[0]) : null;
        var binaries = PostgresBinaries.Find(options.BinDirectory, major) ?? throw NotInstalled(options.BinDirectory, directory, major);
        var account = await ServerAccount.ForThisProcessAsync(options.SystemUser, cancellationToken);
        await account.OwnDirectoryAsync(directory, cancellationToken);
        return new ClusterServer(binaries, account, directory);
    }

    /// <summary>Returns a connection to a server that accepts connections: the one that runs already, else one that is started.</summary>
    public async Task<NpgsqlConnectionStringBuilder> RunAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            await InitializeAsync(cancellationToken);
        }

        while (true)
        {
            switch (Postmaster.Find(Data))
            {
                case null:
                    await StartAsync(cancellationToken);
                    break;

                case { IsReady: true } postmaster when await ConnectAsync(postmaster, cancellationToken) is { } connection:
                    return connection;

                default:
                    // Starting or stopping: it ends in a server that answers, or in none.
                    await Task.Delay(PollInterval, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Fast shutdown: sessions are ended, everything committed is kept.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Postmaster.Find(Data) is not { Pid: var pid })
        {
            return;
        }

        var (exitCode, output) = await _account.RunAsync(
            Binaries["pg_ctl"], ["stop", "--pgdata", Data, "--mode", "fast", "--wait"], cancellationToken);
        if (exitCode != 0 && Postmaster.IsAlive(pid))
        {
            throw new DatabaseUnavailableException($"The private database in '{_directory}' (process {pid}) does not stop: {output}");
        }

        // The lock file goes a moment before the process.
        while (Postmaster.IsAlive(pid))
        {
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>Made aside and renamed, so that a crash in between leaves no half a cluster.</summary>
    private async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var unfinished = Data + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        var (exitCode, output) = await _account.RunAsync(
            Binaries["initdb"],
            ["--pgdata", unfinished, "--username", Superuser, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"],
            cancellationToken);
        if (exitCode != 0)
        {
            throw new DatabaseUnavailableException($"The private database in '{_directory}' cannot be created: {output}");
        }

        await File.AppendAllTextAsync(Path.Combine(unfinished, "postgresql.conf"), Settings(), cancellationToken);
        Directory.Move(unfinished, Data);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        Postmaster.DisarmStaleLock(Data);

        // pg_ctl puts the server into a session of its own, so a Ctrl-C meant for us does not reach it, and its output into the log.
        var (exitCode, output) = await _account.RunAsync(
            Binaries["pg_ctl"],
            ["start", "--pgdata", Data, "--log", Log, "--wait", "--options", $"-k \"{_directory}\" -p {Port}"],
            cancellationToken);
        if (exitCode == 0)
        {
            return;
        }

        var tail = await LogTailAsync(cancellationToken);
        if (!tail.Contains("is still in use", StringComparison.Ordinal))
        {
            throw new DatabaseUnavailableException(
                $"The private database in '{_directory}' does not start: {output}{Environment.NewLine}The end of its log, '{Log}':{Environment.NewLine}{tail}");
        }

        // Sessions of a killed server hold its memory for another moment; the caller tries again.
        await Task.Delay(PollInterval, cancellationToken);
    }

    /// <summary>Null while the server does not take connections.</summary>
    private static async Task<NpgsqlConnectionStringBuilder?> ConnectAsync(Postmaster postmaster, CancellationToken cancellationToken)
    {
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = postmaster.SocketDirectory,
            Port = postmaster.Port,
            Username = Superuser,
            Database = "postgres",
            MaxAutoPrepare = 32,
        };
        try
        {
            await using var connection = new NpgsqlConnection(builder.ConnectionString + ";Pooling=false");
            await connection.OpenAsync(cancellationToken);
            return builder;
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.CannotConnectNow)
        {
            throw;
        }
        catch (NpgsqlException)
        {
            // Starting up or shutting down; the caller looks again.
            return null;
        }
    }

    private async Task<string> LogTailAsync(CancellationToken cancellationToken) =>
        File.Exists(Log) ? string.Join(Environment.NewLine, (await File.ReadAllLinesAsync(Log, cancellationToken)).TakeLast(10)) : "(no log)";

    /// <summary>Directory permissions are the access control: only the owner reaches the socket, and nothing listens on a port.</summary>
    private static string Settings() => """

        # V4Agents
        listen_addresses = ''
        unix_socket_permissions = 0700
        max_connections = 250
        timezone = 'UTC'
        log_timezone = 'UTC'
        log_line_prefix = '%m [%p] '

        """;

    /// <summary>The directory is about to get another owner and mode, which would harm one that is not ours.</summary>
    private static void RefuseForeignContent(string directory)
    {
        string[] ours = ["data", "data.new", LogName, ClusterLocks.StartName, ClusterLocks.UsersName, $".s.PGSQL.{Port}", $".s.PGSQL.{Port}.lock"];
        var foreign = Directory.Exists(directory)
            ? Directory.EnumerateFileSystemEntries(directory).FirstOrDefault(entry => !ours.Contains(Path.GetFileName(entry)))
            : null;
        if (foreign is not null)
        {
            throw new DatabaseUnavailableException(
                $"The private database cannot take '{directory}' for itself, because it holds '{Path.GetFileName(foreign)}'. Choose a directory that is new "
                + "or empty.");
        }
    }

    private static DatabaseUnavailableException NotInstalled(string? binDirectory, string directory, int? major)
    {
        var wanted = major is null ? "PostgreSQL" : $"PostgreSQL {major}, which made the private database in '{directory}',";
        var where = binDirectory is null ? "on this machine" : $"in '{binDirectory}'";
        var package = major is null ? "postgresql" : $"postgresql-{major}";
        return new DatabaseUnavailableException(
            $"{wanted} was not found {where}. Install it (Debian, Ubuntu: apt-get install {package}), or give the connection string of a PostgreSQL server.");
    }
}
