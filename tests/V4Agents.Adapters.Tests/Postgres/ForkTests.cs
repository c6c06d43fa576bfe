using V4Agents.Core.Blobs;
using V4Agents.Core.Budgets;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class ForkTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TaskId _source = Samples.NewTask();
    private readonly TaskId _fork = Samples.NewTask();
    private TestDatabase _database = null!; // Set before each test.
    private TaskEvent[] _events = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        var bundle = await _database.Blobs.PutAsync("bundle"u8.ToArray(), Cancelled);
        var call = new CallId(1, 1);
        _events = [Samples.CallStarted(call), Samples.CallCompleted(call), Samples.Checkpointed(bundle), Samples.Event(), Samples.Checkpointed(bundle)];
        await _database.Journal.AppendAsync(_source, 0, _events, Samples.Summary(_source, _events.Length), Cancelled);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Fork_OfATask_BeginsWithItsEventsAndCheckpointsAndWithoutItsCost()
    {
        await ForkAsync(upTo: 4);

        Assert.Equal(
            [.. _events[..4].Select((e, index) => Shown(index + 1, e)), Shown(5, Forked(4))],
            (await _database.Journal.ReadAsync(_fork, 0, Cancelled)).Select(entry => Shown(entry.Seq, entry.Event)));
        Assert.Equal(Samples.Summary(_fork, 5), await _database.Summaries.FindAsync(_fork, Cancelled));
        Assert.Equal(
            $"3 {new string('1', 40)} {new string('2', 40)} {BlobId.Of("bundle"u8)} 7",
            await _database.ScalarAsync<string>(
                $"SELECT string_agg(concat_ws(' ', seq, tree, commit, bundle, bundle_bytes), '; ') FROM workspace_checkpoints WHERE task_id = '{_fork}'", Cancelled));
        Assert.Equal($"{_source}", await _database.ScalarAsync<string>("SELECT string_agg(task_id, ' ') FROM ledger", Cancelled));

        // Both go on, each for itself.
        await _database.Journal.AppendAsync(_source, 5, [Samples.Event()], Samples.Summary(_source, 6), Cancelled);
        await _database.Journal.AppendAsync(_fork, 5, [Samples.Event()], Samples.Summary(_fork, 6), Cancelled);
    }

    [Fact]
    public async Task Fork_WhenItHasBegun_ConflictsAndLeavesItAsItIs()
    {
        await ForkAsync(upTo: 2);

        Assert.All(
            [await FaultAsync(upTo: 2), await FaultAsync(upTo: 1), await FaultAsync(upTo: 4)], fault => Assert.Equal(JournalFault.Conflict, fault));
        Assert.Equal(3, (await _database.Journal.ReadAsync(_fork, 0, Cancelled)).Count);
    }

    [Fact]
    public async Task Fork_WhenManyRace_ExactlyOneBegins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 5).Select(upTo => Record.ExceptionAsync(() => ForkAsync(upTo)).AsTask()));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.All(outcomes.OfType<Exception>(), outcome => Assert.Equal(JournalFault.Conflict, Assert.IsType<JournalException>(outcome).Fault));
        var entries = await _database.Journal.ReadAsync(_fork, 0, Cancelled);
        Assert.Equal(Forked(entries.Count - 1), entries[^1].Event);
    }

    [Fact]
    public async Task Fork_WhenTheSourceIsShorter_IsRefusedAndLeavesNothing()
    {
        Assert.Equal(JournalFault.Unreadable, await FaultAsync(upTo: 6));

        Assert.Empty(await _database.Journal.ReadAsync(_fork, 0, Cancelled));
        Assert.Null(await _database.Summaries.FindAsync(_fork, Cancelled));
    }

    private static string Shown(long seq, TaskEvent e) => $"{seq} {EventCodec.Encode(e)}";

    private TaskEvent.Forked Forked(long upTo) =>
        new(_fork, _source, upTo, Step: 1, new Budget(10, 1, TimeSpan.FromHours(1)), "hash", Message: null, Text: null, Samples.Noon);

    private Task ForkAsync(long upTo) => _database.Journal.ForkAsync(_source, upTo, Forked(upTo), Samples.Summary(_fork, upTo + 1), Cancelled);

    private async Task<JournalFault> FaultAsync(long upTo) => (await Assert.ThrowsAsync<JournalException>(() => ForkAsync(upTo))).Fault;
}
