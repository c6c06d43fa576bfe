using V4Agents.Postgres;
using V4Agents.Postgres.Migrations;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class MigratorTests(PostgresFixture postgres)
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Migrate_WhenServicesStartAtOnce_RunsEachScriptOnce()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Migrator.MigrateAsync(database.ConnectionString, Cancelled))));
        var instance = await database.Sandboxes.InstanceAsync(Cancelled);
        await Migrator.MigrateAsync(database.ConnectionString, Cancelled);

        Assert.Equal(instance, await database.Sandboxes.InstanceAsync(Cancelled));
        Assert.Equal(
            "0001_tasks.sql 0002_orleans.sql 0003_durability.sql",
            await database.ScalarAsync<string>("SELECT string_agg(scriptname, ' ' ORDER BY scriptname) FROM schema_versions", Cancelled));
    }

    [Fact]
    public async Task Migrate_WhenAScriptFails_SaysWhichAndLeavesNothing()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE instance (occupied text)", Cancelled);

        var failure = await Assert.ThrowsAsync<DatabaseUnavailableException>(() => Migrator.MigrateAsync(database.ConnectionString, Cancelled));

        Assert.Contains("0001_tasks.sql", failure.Message);
        Assert.False(await database.ScalarAsync<bool>("SELECT to_regclass('task_events') IS NOT NULL", Cancelled));
    }

    [Fact]
    public async Task Migrate_WhenNoServerListens_SaysSo()
    {
        var failure = await Assert.ThrowsAsync<DatabaseUnavailableException>(
            () => Migrator.MigrateAsync($"Host={TestClusters.NewDirectory()};Username=nobody", Cancelled));

        Assert.Contains("cannot be reached", failure.Message);
    }
}
