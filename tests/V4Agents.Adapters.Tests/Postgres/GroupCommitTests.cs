using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

/// <summary>Appends that share a transaction. Each test first keeps both writers busy, so that what it appends then waits for them and goes together.</summary>
[Collection(PostgresCollection.Name)]
public sealed class GroupCommitTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Writers = 2;

    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Append_WhenManyWait_CommitsThemTogether()
    {
        await using var busy = await BusyAsync();
        var tasks = NewTasks(40);
        var appends = tasks.Select(task => AppendAsync(task, 0, Samples.Event("first"), Samples.Event("second"))).ToList();

        await busy.ReleaseAsync();
        await Task.WhenAll(appends);

        Assert.Equal(
            $"1 {2 * tasks.Count} {tasks.Count}",
            await _database.ScalarAsync<string>(
                "SELECT count(DISTINCT e.xmin::text) || ' ' || count(*) || ' ' || count(DISTINCT task_id) FROM task_events e "
                + "JOIN tasks ON id = task_id AND tasks.xmin::text = e.xmin::text WHERE payload ->> 'reason' <> 'busy'",
                Cancelled));
    }

    [Fact]
    public async Task Append_WhenOneOfAGroupConflicts_TheOthersAreCommitted()
    {
        var (late, good) = (Samples.NewTask(), NewTasks(5));
        await AppendAsync(late, 0, Samples.Event(), Samples.Event());
        await using var busy = await BusyAsync();
        var conflicts = new[] { 0L, 1, 3 }.Select(seq => FaultAsync(AppendAsync(late, seq, Samples.Event()))).ToList();
        var appends = good.Select(task => AppendAsync(task, 0, Samples.Event())).ToList();

        await busy.ReleaseAsync();
        await Task.WhenAll(appends);

        Assert.All(await Task.WhenAll(conflicts), fault => Assert.Equal(JournalFault.Conflict, fault));
        Assert.Equal(2, (await _database.Journal.ReadAsync(late, 0, Cancelled)).Count);
        Assert.Equal(2, (await _database.Summaries.FindAsync(late, Cancelled))?.Seq);
    }

    [Fact]
    public async Task Append_WhenOneTaskIsAppendedToTwiceAtOnce_OnlyTheFirstIsCommitted()
    {
        var (twice, other) = (Samples.NewTask(), Samples.NewTask());
        await using var busy = await BusyAsync();
        var first = AppendAsync(twice, 0, Samples.Event("first"));
        var second = FaultAsync(AppendAsync(twice, 0, Samples.Event("second")));
        var beside = AppendAsync(other, 0, Samples.Event());

        await busy.ReleaseAsync();
        await Task.WhenAll(first, beside);

        Assert.Equal(JournalFault.Conflict, await second);
        Assert.Equal([new(1, Samples.Event("first"))], await _database.Journal.ReadAsync(twice, 0, Cancelled));
    }

    [Fact]
    public async Task Append_WhenTheDatabaseRefusesOneOfAGroup_TheOthersAreCommitted()
    {
        var (bad, good) = (Samples.NewTask(), NewTasks(5));
        await using var busy = await BusyAsync();
        var refused = Record.ExceptionAsync(() => AppendAsync(bad, 0, Samples.Event(), Samples.Checkpointed(BlobId.Of("not stored"u8)))).AsTask();
        var appends = good.Select(task => AppendAsync(task, 0, Samples.Event())).ToList();

        await busy.ReleaseAsync();
        await Task.WhenAll(appends);

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, Assert.IsType<PostgresException>(await refused).SqlState);
        Assert.Empty(await _database.Journal.ReadAsync(bad, 0, Cancelled));
        Assert.Null(await _database.Summaries.FindAsync(bad, Cancelled));
    }

    [Fact]
    public async Task Append_WhenAnotherServiceIsFirstByAMoment_OnlyThatTaskConflicts()
    {
        var (contested, good) = (Samples.NewTask(), NewTasks(3));
        await using var busy = await BusyAsync();
        await using var other = await _database.Source.OpenConnectionAsync(Cancelled);
        await using var transaction = await other.BeginTransactionAsync(Cancelled);
        await using var insert = new NpgsqlCommand(
            $$"""INSERT INTO task_events VALUES ('{{contested}}', 1, 'finished', 1, '{"at": "2026-11-24T12:00:00+00:00"}', now())""", other, transaction);
        await insert.ExecuteNonQueryAsync(Cancelled);
        var second = FaultAsync(AppendAsync(contested, 0, Samples.Event(), Samples.Event()));
        var appends = good.Select(task => AppendAsync(task, 0, Samples.Event())).ToList();

        // The group does not see what is not committed yet, and meets it at the primary key.
        await busy.ReleaseAsync();
        await _database.BlockedSessionAsync(Cancelled);
        await transaction.CommitAsync(Cancelled);
        await Task.WhenAll(appends);

        Assert.Equal(JournalFault.Conflict, await second);
        Assert.Equal([new(1, new TaskEvent.Finished(Samples.Noon))], await _database.Journal.ReadAsync(contested, 0, Cancelled));
    }

    [Fact]
    public async Task Append_WhenTwoServicesRaceForManyTasks_EachTaskHasOneWriterAndNoGap()
    {
        await using var rival = new TestDatabase(_database.ConnectionString);
        var tasks = NewTasks(30);
        var outcomes = new List<Task<(TaskId Task, bool Won)>>();
        foreach (var (journal, name) in new[] { (_database.Journal, "one"), (rival.Journal, "two") })
        {
            outcomes.AddRange(tasks.Select(async task =>
            {
                await Task.Yield();
                try
                {
                    await journal.AppendAsync(task, 0, [Samples.Event(name), Samples.Event(name)], Samples.Summary(task, 2), Cancelled);
                    return (task, true);
                }
                catch (JournalException e)
                {
                    Assert.Equal(JournalFault.Conflict, e.Fault);
                    return (task, false);
                }
            }));
        }

        var won = (await Task.WhenAll(outcomes)).Where(outcome => outcome.Won).Select(outcome => outcome.Task.Value);

        Assert.Equal(tasks.Select(task => task.Value).Order(), won.Order());
        foreach (var task in tasks)
        {
            var entries = await _database.Journal.ReadAsync(task, 0, Cancelled);
            Assert.Equal(2, entries.Count);
            Assert.Equal(entries[0].Event, entries[1].Event);
        }
    }

    [Fact]
    public async Task Append_OfManyTasksForLong_KeepsEveryStep()
    {
        const int Steps = 25;
        var tasks = NewTasks(48);

        await Task.WhenAll(tasks.Select(task => Task.Run(async () =>
        {
            for (var step = 0; step < Steps; step++)
            {
                await AppendAsync(task, step, Samples.Event($"{task} {step}"));
            }
        })));

        foreach (var task in tasks)
        {
            var expected = Enumerable.Range(0, Steps).Select(step => new JournalEntry(step + 1, Samples.Event($"{task} {step}")));
            Assert.Equal(expected, await _database.Journal.ReadAsync(task, 0, Cancelled));
            Assert.Equal(Steps, (await _database.Summaries.FindAsync(task, Cancelled))?.Seq);
        }
    }

    [Fact]
    public async Task Append_WhenTheConnectionBreaksInCommit_IsUnknownForAllOfTheGroup()
    {
        await _database.ExecuteAsync(
            """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON task_events DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold();
            """,
            Cancelled);
        await using var blocker = await _database.Source.OpenConnectionAsync(Cancelled);
        await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(1)", blocker);
        await hold.ExecuteNonQueryAsync(Cancelled);
        var busy = new List<Task<JournalFault>>();
        for (var writer = 1; writer <= Writers; writer++)
        {
            busy.Add(FaultAsync(AppendAsync(Samples.NewTask(), 0, Samples.Event())));
            await _database.BlockedSessionsAsync(writer, Cancelled);
        }

        var held = await _database.BlockedSessionsAsync(Writers, Cancelled);
        var group = NewTasks(5).Select(task => FaultAsync(AppendAsync(task, 0, Samples.Event()))).ToList();

        await TerminateAsync(held);
        Assert.All(await Task.WhenAll(busy), fault => Assert.Equal(JournalFault.OutcomeUnknown, fault));
        await TerminateAsync(await _database.BlockedSessionsAsync(1, Cancelled));

        Assert.All(await Task.WhenAll(group), fault => Assert.Equal(JournalFault.OutcomeUnknown, fault));
        Assert.Equal(0L, await _database.ScalarAsync<long>("SELECT count(*) FROM task_events", Cancelled));
    }

    [Fact]
    public async Task Append_WhenOneCallerGivesUp_TheOthersAreCommitted()
    {
        var (impatient, patient) = (Samples.NewTask(), Samples.NewTask());
        await using var busy = await BusyAsync();
        using var giveUp = new CancellationTokenSource();
        var cancelled = _database.Journal.AppendAsync(impatient, 0, [Samples.Event()], Samples.Summary(impatient, 1), giveUp.Token);
        var append = AppendAsync(patient, 0, Samples.Event());

        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await busy.ReleaseAsync();
        await append;

        Assert.Empty(await _database.Journal.ReadAsync(impatient, 0, Cancelled));
        await AppendAsync(impatient, 0, Samples.Event());
    }

    [Fact]
    public async Task Append_WhenTheCallerGivesUpTooLate_EndsAsItEnds()
    {
        var task = Samples.NewTask();
        await using var busy = await BusyAsync(Writers - 1);
        using var giveUp = new CancellationTokenSource();
        var append = _database.Journal.AppendAsync(task, 0, [Samples.Event()], Samples.Summary(task, 1), giveUp.Token);
        await _database.BlockedSessionsAsync(Writers, Cancelled);

        await giveUp.CancelAsync();
        await busy.ReleaseAsync();

        await append;
        Assert.Single(await _database.Journal.ReadAsync(task, 0, Cancelled));
    }

    [Fact]
    public async Task Dispose_WhenAppendsAreAccepted_CompletesThem()
    {
        await using var closing = new TestDatabase(_database.ConnectionString);
        var task = Samples.NewTask();
        await using var busy = await BusyAsync(journal: closing.Journal);
        var append = closing.Journal.AppendAsync(task, 0, [Samples.Event()], Samples.Summary(task, 1), Cancelled);

        var disposed = ((IAsyncDisposable)closing.Journal).DisposeAsync();
        Assert.False(disposed.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => closing.Journal.AppendAsync(task, 1, [Samples.Event()], Samples.Summary(task, 2), Cancelled));
        await busy.ReleaseAsync();
        await disposed;

        await append;
        Assert.Single(await _database.Journal.ReadAsync(task, 0, Cancelled));
    }

    private static List<TaskId> NewTasks(int count) => [.. Enumerable.Range(0, count).Select(_ => Samples.NewTask())];

    private static async Task<JournalFault> FaultAsync(Task append) => (await Assert.ThrowsAsync<JournalException>(() => append)).Fault;

    private Task AppendAsync(TaskId task, long expectedSeq, params TaskEvent[] events) =>
        _database.Journal.AppendAsync(task, expectedSeq, events, Samples.Summary(task, expectedSeq + events.Length), Cancelled);

    private async Task TerminateAsync(IEnumerable<int> pids)
    {
        foreach (var pid in pids)
        {
            await _database.ExecuteAsync($"SELECT pg_terminate_backend({pid})", Cancelled);
        }
    }

    private async Task<BusyWriters> BusyAsync(int writers = Writers, ITaskJournal? journal = null)
    {
        var blocker = await _database.Source.OpenConnectionAsync(Cancelled);
        var transaction = await blocker.BeginTransactionAsync(Cancelled);
        await using var block = new NpgsqlCommand("LOCK TABLE tasks", blocker, transaction);
        await block.ExecuteNonQueryAsync(Cancelled);
        var appends = new List<Task>();
        for (var writer = 1; writer <= writers; writer++)
        {
            var task = Samples.NewTask();
            appends.Add((journal ?? _database.Journal).AppendAsync(task, 0, [Samples.Event("busy")], Samples.Summary(task, 1), Cancelled));
            await _database.BlockedSessionsAsync(writer, Cancelled);
        }

        return new BusyWriters(transaction, blocker, appends);
    }

    private sealed class BusyWriters(NpgsqlTransaction transaction, NpgsqlConnection connection, IReadOnlyList<Task> appends) : IAsyncDisposable
    {
        public async Task ReleaseAsync()
        {
            await transaction.RollbackAsync(Cancelled);
            await Task.WhenAll(appends);
        }

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
