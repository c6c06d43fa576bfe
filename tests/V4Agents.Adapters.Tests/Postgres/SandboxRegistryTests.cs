using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class SandboxRegistryTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task List_WhenRegisteredAndReleased_ListsThoseHeld()
    {
        var (first, second, task) = (new SandboxId("first"), new SandboxId("second"), Samples.NewTask());
        await _database.Sandboxes.RegisterAsync(first, task, "engine", Cancelled);
        await _database.Sandboxes.RegisterAsync(first, task, "engine", Cancelled);
        await _database.Sandboxes.RegisterAsync(second, task, "engine", Cancelled);
        await _database.Sandboxes.ReleaseAsync(first, Cancelled);
        await _database.Sandboxes.ReleaseAsync(first, Cancelled);
        await _database.Sandboxes.ReleaseAsync(new SandboxId("unknown"), Cancelled);

        Assert.Equal([second], await HeldAsync());

        await _database.Sandboxes.RegisterAsync(first, task, "engine", Cancelled);
        Assert.Equal([second, first], await HeldAsync());
    }

    [Fact]
    public async Task Instance_WhenAskedTwice_IsTheSame()
    {
        var instance = await _database.Sandboxes.InstanceAsync(Cancelled);

        Assert.Matches("^[0-9a-f]{32}$", instance);
        await using var other = new TestDatabase(_database.ConnectionString);
        Assert.Equal(instance, await other.Sandboxes.InstanceAsync(Cancelled));
    }

    [Fact]
    public async Task Register_WhenOnAnotherEngine_TakesTheRowOverWithAFreshLease()
    {
        var (sandbox, task) = (new SandboxId("moving"), Samples.NewTask());
        await _database.Sandboxes.RegisterAsync(sandbox, task, "here", Cancelled);
        await _database.ExecuteAsync("UPDATE sandboxes SET lease_until = now() - interval '1 hour', registered_at = now() - interval '1 hour'", Cancelled);

        await _database.Sandboxes.RegisterAsync(sandbox, task, "there", Cancelled);

        var row = Assert.Single(await _database.Sandboxes.ListAsync(Cancelled));
        Assert.Equal((sandbox, task, "there"), (row.Sandbox, row.Task, row.Engine));
        Assert.InRange(row.LeaseUntil - row.RegisteredAt, TimeSpan.FromMinutes(2.9), TimeSpan.FromMinutes(3.1));
        Assert.InRange(row.RegisteredAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task Renew_WhenAskedForOneEngine_RenewsOnlyWhatIsHeldThere()
    {
        var task = Samples.NewTask();
        await _database.Sandboxes.RegisterAsync(new SandboxId("a"), task, "here", Cancelled);
        await _database.Sandboxes.RegisterAsync(new SandboxId("b"), task, "there", Cancelled);
        await _database.Sandboxes.RegisterAsync(new SandboxId("c"), task, "here", Cancelled);
        await _database.Sandboxes.ReleaseAsync(new SandboxId("c"), Cancelled);
        await _database.ExecuteAsync("UPDATE sandboxes SET lease_until = now() - interval '1 hour'", Cancelled);

        await _database.Sandboxes.RenewAsync("here", Cancelled);

        Assert.Equal(["a"], await RenewedAsync());
    }

    [Fact]
    public async Task Release_WhenItIsRegisteredOnAnotherEngineByNow_LeavesTheRow()
    {
        var (sandbox, task) = (new SandboxId("taken"), Samples.NewTask());
        await _database.Sandboxes.RegisterAsync(sandbox, task, "there", Cancelled);

        await _database.Sandboxes.ReleaseAsync(sandbox, "here", Cancelled);
        Assert.Equal([sandbox], await HeldAsync());

        await _database.Sandboxes.ReleaseAsync(sandbox, "there", Cancelled);
        Assert.Empty(await HeldAsync());
    }

    [Fact]
    public async Task KeepOrphan_WhenTheSandboxIsKnownOrNot_KeepsTheBundleAndHoldsNothing()
    {
        var (known, unknown, task) = (new SandboxId("known"), new SandboxId("unknown"), Samples.NewTask());
        var bundle = await _database.Blobs.PutAsync("bundle"u8.ToArray(), Cancelled);
        await _database.Sandboxes.RegisterAsync(known, task, "here", Cancelled);

        await _database.Sandboxes.KeepOrphanAsync(known, task, "tree", bundle, Cancelled);
        await _database.Sandboxes.KeepOrphanAsync(unknown, task, "tree", bundle, Cancelled);
        await _database.Sandboxes.KeepOrphanAsync(unknown, task, "tree", bundle, Cancelled);

        Assert.Equal([known], await HeldAsync());
        Assert.Equal(2, await _database.ScalarAsync<long>(
            $"SELECT count(*) FROM sandboxes WHERE orphan_tree = 'tree' AND orphan_blob = '{bundle.Value}'", Cancelled));
    }

    private async Task<IEnumerable<string>> RenewedAsync() => (await _database.Sandboxes.ListAsync(Cancelled))
        .Where(row => row.LeaseUntil > DateTimeOffset.UtcNow).Select(row => row.Sandbox.Value);

    private async Task<IEnumerable<SandboxId>> HeldAsync() => (await _database.Sandboxes.ListAsync(Cancelled)).Select(row => row.Sandbox);
}
