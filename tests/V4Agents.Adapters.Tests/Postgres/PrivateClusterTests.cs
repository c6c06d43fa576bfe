using Npgsql;
using V4Agents.Core.Journal;
using V4Agents.Postgres;
using V4Agents.Postgres.Local;
using V4Agents.Postgres.Migrations;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PrivateClusterTests(PostgresFixture postgres) : IDisposable
{
    private readonly PrivateClusterOptions _options = new() { Directory = TestClusters.NewDirectory() };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        if (Directory.Exists(_options.Directory))
        {
            Directory.Delete(_options.Directory, recursive: true);
        }
    }

    [Fact]
    public async Task Start_WhenRunning_IsReachedByItsSocketOnlyAndDetachedFromUs()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var pid = TestClusters.PidOf(postgres.ClusterDirectory);

        Assert.Equal("", await database.ScalarAsync<string>("SELECT setting FROM pg_settings WHERE name = 'listen_addresses'", Cancelled));
        Assert.StartsWith(postgres.Cluster.Version, await database.ScalarAsync<string>("SELECT current_setting('server_version')", Cancelled));
        Assert.All([1, 2], output => Assert.EndsWith("postgres.log", File.ResolveLinkTarget($"/proc/{pid}/fd/{output}", returnFinalTarget: false)?.FullName));
        Assert.NotEqual(SessionOf(Environment.ProcessId), SessionOf(pid));
    }

    [Fact]
    public async Task Start_WhenStoppedAndStartedAgain_KeepsTheData()
    {
        await using (var cluster = await PrivateCluster.StartAsync(_options, Cancelled))
        {
            await ExecuteAsync(cluster, "CREATE TABLE kept (n int)");
        }

        Assert.Null(Postmaster.Find(Path.Combine(_options.Directory, "data")));
        await using var again = await PrivateCluster.StartAsync(_options, Cancelled);
        await ExecuteAsync(again, "INSERT INTO kept VALUES (1)");
    }

    [Fact]
    public async Task Start_WhenTheServerOutlivedItsService_AttachesAndStopsItInTheEnd()
    {
        // What a killed service leaves: a server, and no locks.
        var server = await ClusterServer.PrepareAsync(_options, _options.Directory, Cancelled);
        await server.RunAsync(Cancelled);
        var pid = TestClusters.PidOf(_options.Directory);

        await using (var cluster = await PrivateCluster.StartAsync(_options, Cancelled))
        {
            await ExecuteAsync(cluster, "SELECT 1");
            Assert.Equal(pid, TestClusters.PidOf(_options.Directory));
        }

        Assert.False(Directory.Exists($"/proc/{pid}/cwd/."));
    }

    [Fact]
    public async Task Start_WhenLockFileIsStale_StartsANewServer()
    {
        var data = Path.Combine(_options.Directory, "data");
        await using (await PrivateCluster.StartAsync(_options, Cancelled))
        {
            await TestClusters.KillAsync(TestClusters.PidOf(_options.Directory), Cancelled);
        }

        Assert.True(File.Exists(Path.Combine(data, "postmaster.pid")));
        await using (var afterKill = await PrivateCluster.StartAsync(_options, Cancelled))
        {
            await ExecuteAsync(afterKill, "SELECT 1");
        }

        // The process id in the lock file has become that of another live server of the same user.
        var stranger = TestClusters.PidOf(postgres.ClusterDirectory);
        await File.WriteAllLinesAsync(Path.Combine(data, "postmaster.pid"), [$"{stranger}", data, "0", "5432", _options.Directory, "", "1 1", "ready"], Cancelled);
        await using var afterReuse = await PrivateCluster.StartAsync(_options, Cancelled);
        await ExecuteAsync(afterReuse, "SELECT 1");
        Assert.NotEqual(stranger, TestClusters.PidOf(_options.Directory));
    }

    [Fact]
    public async Task Dispose_WhenAnotherUserIsLeft_KeepsTheServerForIt()
    {
        var starts = await Task.WhenAll(
            Task.Run(() => PrivateCluster.StartAsync(_options, Cancelled)), Task.Run(() => PrivateCluster.StartAsync(_options, Cancelled)));

        await starts[0].DisposeAsync();
        await ExecuteAsync(starts[1], "SELECT 1");
        await starts[1].DisposeAsync();

        Assert.Null(Postmaster.Find(Path.Combine(_options.Directory, "data")));
    }

    [Fact]
    public async Task Start_WhenTheServerIsShuttingDown_WaitsForItsEnd()
    {
        var server = await ClusterServer.PrepareAsync(_options, _options.Directory, Cancelled);
        var old = await server.RunAsync(Cancelled);
        var pid = TestClusters.PidOf(_options.Directory);
        Task<PrivateCluster> start;
        await using (var session = new NpgsqlConnection(old.ConnectionString + ";Pooling=false"))
        {
            // A smart shutdown lasts until the last session ends.
            await session.OpenAsync(Cancelled);
            TestClusters.Signal(pid, "TERM");
            while (Postmaster.Find(Path.Combine(_options.Directory, "data")) is { IsReady: true })
            {
                await Task.Yield();
            }

            start = PrivateCluster.StartAsync(_options, Cancelled);
            await using var proof = new NpgsqlCommand("SELECT 1", session);
            await proof.ExecuteScalarAsync(Cancelled);
            Assert.False(start.IsCompleted);
        }

        await using var cluster = await start;
        await ExecuteAsync(cluster, "SELECT 1");
        Assert.NotEqual(pid, TestClusters.PidOf(_options.Directory));
    }

    [Fact]
    public async Task Journal_WhenTheServerStopsInMidAppend_FailsTransientlyAndGoesOnAfterARestart()
    {
        var task = Samples.NewTask();
        var cluster = await PrivateCluster.StartAsync(_options, Cancelled);
        await Migrator.MigrateAsync(cluster.ConnectionString, Cancelled);
        await using var database = new TestDatabase(cluster.ConnectionString);
        await using (var blocker = await database.Source.OpenConnectionAsync(Cancelled))
        {
            await using var transaction = await blocker.BeginTransactionAsync(Cancelled);
            await using var lockTable = new NpgsqlCommand("LOCK TABLE tasks", blocker, transaction);
            await lockTable.ExecuteNonQueryAsync(Cancelled);
            var append = AppendAsync();
            await database.BlockedSessionAsync(Cancelled);
            await cluster.DisposeAsync();
            Assert.True((await Assert.ThrowsAsync<JournalException>(() => append)).IsTransient);
        }

        await using var again = await PrivateCluster.StartAsync(_options, Cancelled);
        await AppendAsync();
        Assert.Single(await database.Journal.ReadAsync(task, afterSeq: 0, Cancelled));

        Task AppendAsync() => database.Journal.AppendAsync(task, 0, [Samples.Event()], Samples.Summary(task, 1), Cancelled);
    }

    [Fact]
    public void FindBinaries_WhenPostgresIsInstalled_NamesDirectoryAndVersion()
    {
        var found = PrivateCluster.FindBinaries();

        Assert.NotNull(found);
        Assert.True(File.Exists(Path.Combine(found.Directory, "initdb")));
        Assert.Matches(@"^\d+\.\d+$", found.Version);
        Assert.Null(PrivateCluster.FindBinaries(Path.GetTempPath()));
    }

    [Fact]
    public async Task Start_WhenNothingIsInstalledThere_SaysWhatToInstall()
    {
        var failure = await FailureAsync(new PrivateClusterOptions { Directory = _options.Directory, BinDirectory = Path.GetTempPath() });

        Assert.Contains(Path.GetTempPath(), failure.Message);
        Assert.Contains("apt-get install postgresql", failure.Message);
    }

    [Fact]
    public async Task Start_WhenTheDataIsOfAnotherVersion_NamesBoth()
    {
        var data = Directory.CreateDirectory(Path.Combine(_options.Directory, "data"));
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "PG_VERSION"), "9\n", Cancelled);

        Assert.Contains("PostgreSQL 9, which made", (await FailureAsync(_options)).Message);
    }

    [Fact]
    public async Task Start_WhenTheDirectoryHoldsSomethingElse_LeavesItAlone()
    {
        Directory.CreateDirectory(_options.Directory);
        var photo = Path.Combine(_options.Directory, "photo.jpg");
        await File.WriteAllTextAsync(photo, "precious", Cancelled);

        Assert.Contains("photo.jpg", (await FailureAsync(_options)).Message);
        Assert.Equal([photo], Directory.EnumerateFileSystemEntries(_options.Directory));
    }

    [Fact]
    public async Task Start_WhenThePathIsTooLongForASocket_SaysSo()
    {
        var failure = await FailureAsync(new PrivateClusterOptions { Directory = Path.Combine(_options.Directory, new string('d', 100)) });

        Assert.Contains("shorter path", failure.Message);
    }

    [Fact]
    public async Task Start_WhenTheServersUserMayNotEnterAParent_NamesThatParent()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root starts the server as another user.");
        var closed = Directory.CreateTempSubdirectory("v4-pg-");

        var failure = await FailureAsync(new PrivateClusterOptions { Directory = Path.Combine(closed.FullName, "a", "b") });
        closed.Delete(recursive: true);

        Assert.Contains($"may not enter '{closed.FullName}'", failure.Message);
    }

    [Fact]
    public async Task Start_WhenTheServerRefuses_ShowsTheEndOfItsLog()
    {
        await using (await PrivateCluster.StartAsync(_options, Cancelled))
        {
        }

        await File.AppendAllTextAsync(Path.Combine(_options.Directory, "data", "postgresql.conf"), "no_such_setting = 1\n", Cancelled);

        Assert.Contains("no_such_setting", (await FailureAsync(_options)).Message);
    }

    private static Task<DatabaseUnavailableException> FailureAsync(PrivateClusterOptions options) =>
        Assert.ThrowsAsync<DatabaseUnavailableException>(() => PrivateCluster.StartAsync(options, Cancelled));

    private static async Task ExecuteAsync(PrivateCluster cluster, string sql)
    {
        await using var connection = new NpgsqlConnection(cluster.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancelled);
    }

    /// <summary>The terminal's Ctrl-C goes to one session.</summary>
    private static string SessionOf(int pid) => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].Split(' ')[3];
}
