using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class SandboxLeaseTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly SandboxId Box = new("box");

    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Renew_OfAnEngine_ProlongsItsLeasesOnly()
    {
        await _database.Sandboxes.RegisterAsync(Box, Samples.NewTask(), "here", Cancelled);
        await _database.Sandboxes.RegisterAsync(new SandboxId("far"), Samples.NewTask(), "there", Cancelled);
        await _database.ExecuteAsync("UPDATE sandboxes SET lease_until = now() - interval '1 hour'", Cancelled);

        await _database.Sandboxes.RenewAsync("here", Cancelled);

        var rows = await _database.Sandboxes.ListAsync(Cancelled);
        var stale = rows.Single(row => row.Engine == "there").LeaseUntil;
        Assert.True(rows.Single(row => row.Engine == "here").LeaseUntil > stale + TimeSpan.FromHours(1), "The lease was not renewed.");
    }

    [Fact]
    public async Task Register_WhenAnotherEngineHoldsIt_TakesItOver()
    {
        var task = Samples.NewTask();
        await _database.Sandboxes.RegisterAsync(Box, task, "there", Cancelled);

        await _database.Sandboxes.RegisterAsync(Box, task, "here", Cancelled);

        var row = Assert.Single(await _database.Sandboxes.ListAsync(Cancelled));
        Assert.Equal((Box, task, "here"), (row.Sandbox, row.Task, row.Engine));
    }

    [Fact]
    public async Task KeepOrphan_OfAnUnknownContainer_KeepsWhatItHeldAndHoldsNothing()
    {
        var bundle = await _database.Blobs.PutAsync("bundle"u8.ToArray(), Cancelled);

        await _database.Sandboxes.KeepOrphanAsync(Box, Samples.NewTask(), "tree", bundle, Cancelled);

        Assert.Empty(await _database.Sandboxes.ListAsync(Cancelled));
        Assert.Equal($"tree {bundle}", await _database.ScalarAsync<string>("SELECT orphan_tree || ' ' || orphan_blob FROM sandboxes", Cancelled));
    }
}
