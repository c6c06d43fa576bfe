using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres.Orleans;

[Collection(PostgresCollection.Name)]
public sealed class OrleansStorageTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Silo_WhenRestarted_FindsStateAndRemindersAgain()
    {
        await using (var silo = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled))
        {
            var notebook = silo.Notebook("kept");
            Assert.Null(await notebook.ReadAsync());
            await notebook.WriteAsync("first");
            await notebook.WriteAsync("second");
            Assert.Equal("second", await notebook.ReadAsync());
            await notebook.RemindAsync("stays");
            await notebook.RemindAsync("goes");
            await notebook.RemindAsync("stays");
            Assert.Equal(["goes", "stays"], await notebook.RemindersAsync());
            await notebook.ForgetAsync("goes");

            var cleared = silo.Notebook("cleared");
            await cleared.WriteAsync("text");
            await cleared.ClearAsync();
            Assert.Null(await cleared.ReadAsync());
            await cleared.WriteAsync("text after clearing");

            var deleted = silo.Notebook("deleted");
            await deleted.WriteAsync("text");
            await deleted.DeleteAsync();
        }

        await using var restarted = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled);
        Assert.Equal("second", await restarted.Notebook("kept").ReadAsync());
        Assert.Equal(["stays"], await restarted.Notebook("kept").RemindersAsync());
        Assert.Equal("text after clearing", await restarted.Notebook("cleared").ReadAsync());
        Assert.Null(await restarted.Notebook("deleted").ReadAsync());
        Assert.Equal(
            """cleared 3 {"Text":"text after clearing"}, kept 2 {"Text":"second"}""",
            await _database.ScalarAsync<string>(
                "SELECT string_agg(concat_ws(' ', key_extension, version, convert_from(payload, 'UTF8')), ', ' ORDER BY key_extension) FROM orleans_grain_state",
                Cancelled));
    }

    [Fact]
    public async Task GrainState_WhenWrittenFromAStaleView_IsRefused()
    {
        await using var silo = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled);
        var notebook = silo.Notebook("contested");
        await notebook.WriteAsync("first");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notebook.WriteStaleAsync("lost"));
        Assert.Equal("first", await notebook.ReadAsync());

        // Now both views have read version 1; the second to write is the stale one.
        await notebook.WriteAsync("second");
        await Assert.ThrowsAsync<InconsistentStateException>(() => notebook.WriteStaleAsync("lost"));
        Assert.Equal("second", await notebook.ReadAsync());
    }

    [Fact]
    public async Task Membership_WhenDecidedOnAnOldVersion_IsRefused()
    {
        await using var silo = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled);
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        var before = await table.ReadAllAsync(Cancelled);
        var dead = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Parse("192.0.2.1"), 11111, 1),
            SiloName = "dead",
            HostName = "host",
            Status = SiloStatus.Dead,
            StartTime = Samples.Noon.UtcDateTime,
            IAmAliveTime = Samples.Noon.UtcDateTime,
        };

        Assert.True(await table.InsertRowAsync(dead, before.Version.Next(), Cancelled));
        var after = await table.ReadAllAsync(Cancelled);
        Assert.Equal(before.Version.Version + 1, after.Version.Version);
        Assert.False(await table.InsertRowAsync(dead, after.Version.Next(), Cancelled));

        var etag = after.Members.Single(member => member.Item1.SiloName == dead.SiloName).Item2;
        dead.AddSuspector(dead.SiloAddress, Samples.Noon.UtcDateTime);
        Assert.False(await table.UpdateRowAsync(dead, etag, before.Version.Next(), Cancelled));
        Assert.True(await table.UpdateRowAsync(dead, etag, after.Version.Next(), Cancelled));
        dead.IAmAliveTime = Samples.Noon.UtcDateTime.AddMinutes(1);
        await table.UpdateIAmAliveAsync(dead, Cancelled);
        var read = Assert.Single((await table.ReadRowAsync(dead.SiloAddress, Cancelled)).Members).Item1;
        Assert.Equal(
            (dead.SiloName, dead.HostName, SiloStatus.Dead, dead.StartTime, dead.IAmAliveTime, dead.SiloAddress),
            (read.SiloName, read.HostName, read.Status, read.StartTime, read.IAmAliveTime, read.SuspectTimes?.Single().Item1));

        await table.CleanupDefunctSiloEntriesAsync(Samples.Noon.AddMinutes(1), Cancelled);
        Assert.Equal(2, (await table.ReadAllAsync(Cancelled)).Members.Count);
        await table.CleanupDefunctSiloEntriesAsync(Samples.Noon.AddMinutes(2), Cancelled);
        Assert.Equal(SiloStatus.Active, Assert.Single((await table.ReadAllAsync(Cancelled)).Members).Item1.Status);
    }

    [Fact]
    public async Task Membership_WhenManySilosJoinOnOneVersion_AdmitsOne()
    {
        await using var silo = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled);
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        var version = (await table.ReadAllAsync(Cancelled)).Version.Next();

        var joined = await Task.WhenAll(Enumerable.Range(1, 8).Select(generation => table.InsertRowAsync(
            new MembershipEntry
            {
                SiloAddress = SiloAddress.New(IPAddress.Parse("192.0.2.1"), 11111, generation),
                SiloName = "one of many",
                HostName = "host",
                Status = SiloStatus.Dead,
                StartTime = Samples.Noon.UtcDateTime,
                IAmAliveTime = Samples.Noon.UtcDateTime,
            },
            version,
            Cancelled)));

        Assert.Single(joined, admitted => admitted);
        Assert.Equal(2, (await table.ReadAllAsync(Cancelled)).Members.Count);
    }

    [Fact]
    public async Task Reminders_WhenReadByRange_AreFoundAlsoAroundTheEndOfTheRing()
    {
        await using var silo = await SiloHouse.StartAsync(_database.ConnectionString, Cancelled);
        var table = silo.Services.GetRequiredService<IReminderTable>();
        var entry = new ReminderEntry
        {
            GrainId = GrainId.Create("notebook", "ring"),
            ReminderName = "name",
            StartAt = Samples.Noon.UtcDateTime,
            Period = TimeSpan.FromDays(40),
        };
        var etag = await table.UpsertRow(entry, Cancelled);
        var hash = entry.GrainId.GetUniformHashCode();

        Assert.Equal(TimeSpan.FromDays(40), Assert.Single((await table.ReadRows(hash - 1, hash, Cancelled)).Reminders).Period);
        Assert.Empty((await table.ReadRows(hash, hash + 1, Cancelled)).Reminders);
        Assert.Empty((await table.ReadRows(hash, hash - 1, Cancelled)).Reminders);
        Assert.Single((await table.ReadRows(hash + 1, hash, Cancelled)).Reminders);
        Assert.False(await table.RemoveRow(entry.GrainId, entry.ReminderName, "99", Cancelled));
        Assert.True(await table.RemoveRow(entry.GrainId, entry.ReminderName, etag!, Cancelled)); // The upsert gave it.
        Assert.Null(await table.ReadRow(entry.GrainId, entry.ReminderName, Cancelled));
    }
}
