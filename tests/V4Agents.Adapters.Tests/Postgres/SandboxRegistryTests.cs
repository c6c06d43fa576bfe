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

    private async Task<IEnumerable<SandboxId>> HeldAsync() => (await _database.Sandboxes.ListAsync(Cancelled)).Select(row => row.Sandbox);
}
