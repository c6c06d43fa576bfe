using Npgsql;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Local;
using V4Agents.Postgres.Migrations;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class TaskJournalTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TaskId _task = Samples.NewTask();
    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Append_WhenSeqIsTheLast_StoresEventsInOrder()
    {
        TaskEvent[] events = [Samples.CallStarted(new CallId(1, 1)), Samples.Event("second"), Samples.Event("third")];

        await AppendAsync(0, events[..2]);
        await AppendAsync(2, events[2..]);

        Assert.Equal([new(1, events[0]), new(2, events[1]), new(3, events[2])], await _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));
        Assert.Equal([new(3, events[2])], await _database.Journal.ReadAsync(_task, afterSeq: 2, Cancelled));
    }

    [Fact]
    public async Task Append_WhenManyWritersRaceForOneSeq_ExactlyOneWins()
    {
        var writers = Enumerable.Range(0, 16).Select(number => Record.ExceptionAsync(() => AppendAsync(0, Samples.Event($"writer {number}"))).AsTask());

        var failures = (await Task.WhenAll(writers)).OfType<Exception>().ToList();

        Assert.Equal(15, failures.Count);
        Assert.All(failures, failure => Assert.Equal(JournalFault.Conflict, Assert.IsType<JournalException>(failure).Fault));
        Assert.Single(await _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Append_WhenSeqIsNotTheLast_ConflictsAndLeavesNothing(long expectedSeq)
    {
        var call = new CallId(1, 1);
        await AppendAsync(0, Samples.CallCompleted(call));

        var failure = await Assert.ThrowsAsync<JournalException>(() => AppendAsync(expectedSeq, Samples.CallCompleted(call), Samples.CallCompleted(call)));

        Assert.Equal(JournalFault.Conflict, failure.Fault);
        Assert.False(failure.IsTransient);
        Assert.Single(await _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));
        Assert.Equal(1, (await _database.Summaries.FindAsync(_task, Cancelled))?.Seq);
        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT count(*) FROM ledger", Cancelled));
    }

    [Fact]
    public async Task Append_WhenTextIsLargeOrHoldsAZero_KeepsTheEvent()
    {
        await AppendAsync(0, Samples.Event(new string('ä', 4096)), Samples.Event("zero \0 and \\u0000 and \\\0"));

        var entries = await _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled);

        Assert.Equal([Samples.Event(new string('ä', 4096)), Samples.Event("zero \uFFFD and \\u0000 and \\\uFFFD")], entries.Select(entry => entry.Event));
    }

    [Fact]
    public async Task Append_WhenTextWasCutInsideACharacter_ReplacesTheRest()
    {
        var summary = Samples.Summary(_task, 1) with { Activity = "cut \uD83D", Message = "\0 whole 🎉" };

        await _database.Journal.AppendAsync(_task, 0, [Samples.Event("cut \uD83D")], summary, Cancelled);

        Assert.Equal(
            summary with { Activity = "cut \uFFFD", Message = "\uFFFD whole 🎉" }, await _database.Summaries.FindAsync(_task, Cancelled));
        Assert.Equal([new(1, Samples.Event("cut \uFFFD"))], await _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));
    }

    [Fact]
    public async Task Append_WhenSummaryIsOlderThanTheStored_KeepsTheNewer()
    {
        await _database.Journal.AppendAsync(_task, 0, [Samples.Event()], Samples.Summary(_task, 7), Cancelled);

        await _database.Journal.AppendAsync(_task, 1, [Samples.Event()], Samples.Summary(_task, 2) with { Title = "old" }, Cancelled);

        Assert.Equal(Samples.Summary(_task, 7), await _database.Summaries.FindAsync(_task, Cancelled));
    }

    [Fact]
    public async Task Append_WhenModelCallsEnd_BooksThemInTheLedger()
    {
        var (first, second) = (new CallId(1, 1), new CallId(1, 2));
        await AppendAsync(0, Samples.CallStarted(first), Samples.CallCompleted(first));

        await AppendAsync(2, Samples.CallStarted(second), new TaskEvent.ModelCallInterrupted(second, Core.Conversations.ModelRole.Solver, 0.25m, Samples.Noon));

        Assert.Equal(
            "2 1.1 solver deepseek-v4-pro-0813 900/100/50/40 0.001234 off-peak 2026-08 0; 4 1.2 solver deepseek-v4-pro 0/0/0/0 - - - 0.25",
            await _database.ScalarAsync<string>(
                """
                SELECT string_agg(concat_ws(' ', seq, step || '.' || attempt, role, model, concat_ws('/', cache_hit, cache_miss, output, reasoning),
                    coalesce(cost_usd::text, '-'), coalesce(tariff_window, '-'), coalesce(price_book, '-'), unconfirmed_usd), '; ' ORDER BY seq)
                FROM ledger
                """,
                Cancelled));
    }

    [Theory]
    [InlineData("from.the.future", 1, "{}")]
    [InlineData("cancel.requested", 99, "{}")]
    [InlineData("cancel.requested", 1, "[1]")]
    public async Task Read_WhenAnEventIsUnknown_SaysUnreadable(string kind, int version, string payload)
    {
        await _database.ExecuteAsync($"INSERT INTO task_events VALUES ('{_task}', 1, '{kind}', {version}, '{payload}', now())", Cancelled);

        var failure = await Assert.ThrowsAsync<JournalException>(() => _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));

        Assert.Equal(JournalFault.Unreadable, failure.Fault);
    }

    [Fact]
    public async Task Append_WhenBackendIsTerminatedBeforeCommit_IsUnavailableAndWritesNothing()
    {
        await using var blocker = await _database.Source.OpenConnectionAsync(Cancelled);
        await using var transaction = await blocker.BeginTransactionAsync(Cancelled);
        await using var lockTable = new NpgsqlCommand("LOCK TABLE tasks", blocker, transaction);
        await lockTable.ExecuteNonQueryAsync(Cancelled);
        var append = AppendAsync(0, Samples.Event());

        await TerminateAsync(await _database.BlockedSessionAsync(Cancelled));

        Assert.Equal(JournalFault.Unavailable, (await Assert.ThrowsAsync<JournalException>(() => append)).Fault);
        await transaction.RollbackAsync(Cancelled);
        await AppendAsync(0, Samples.Event());
    }

    [Fact]
    public async Task Append_WhenBackendIsTerminatedInCommit_SaysTheOutcomeIsUnknown()
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
        var append = AppendAsync(0, Samples.Event());

        await TerminateAsync(await _database.BlockedSessionAsync(Cancelled));

        var failure = await Assert.ThrowsAsync<JournalException>(() => append);
        Assert.Equal(JournalFault.OutcomeUnknown, failure.Fault);
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public async Task Append_WhenNoServerListens_IsUnavailable()
    {
        await using var nowhere = new TestDatabase($"Host={TestClusters.NewDirectory()};Username=nobody;Database=nothing");

        var failure = await Assert.ThrowsAsync<JournalException>(
            () => nowhere.Journal.AppendAsync(_task, 0, [Samples.Event()], Samples.Summary(_task, 1), Cancelled));

        Assert.Equal(JournalFault.Unavailable, failure.Fault);
    }

    [Fact]
    public async Task Append_OfCheckpoints_WritesTheirRows()
    {
        var bundle = await _database.Blobs.PutAsync("bundle"u8.ToArray(), Cancelled);

        await AppendAsync(0, Samples.Checkpointed(bundle));
        await AppendAsync(1, Samples.Event(), Samples.CallCompleted(new CallId(1, 1)), Samples.Checkpointed(bundle));

        Assert.Equal(
            $"1 {new string('1', 40)} {new string('2', 40)} {bundle} 7; 4 {new string('1', 40)} {new string('2', 40)} {bundle} 7",
            await _database.ScalarAsync<string>(
                "SELECT string_agg(concat_ws(' ', seq, tree, commit, bundle, bundle_bytes), '; ' ORDER BY seq) FROM workspace_checkpoints", Cancelled));
        Assert.Equal("3", await _database.ScalarAsync<string>("SELECT string_agg(seq::text, ' ') FROM ledger", Cancelled));
    }

    [Theory]
    [InlineData("seq = 2", "event 2 is missing")]
    [InlineData("seq = 1", "event 1 is missing")]
    [InlineData("seq = 3", "event 3 is missing")]
    [InlineData("true", "event 1 is missing")]
    public async Task Read_WhenTheJournalIsTorn_SaysWhereInsteadOfShowingLess(string removed, string said)
    {
        await AppendAsync(0, Samples.Event(), Samples.Event(), Samples.Event());
        await _database.ExecuteAsync($"DELETE FROM task_events WHERE {removed}", Cancelled);

        var failure = await Assert.ThrowsAsync<JournalException>(() => _database.Journal.ReadAsync(_task, afterSeq: 0, Cancelled));

        Assert.Equal(JournalFault.Unreadable, failure.Fault);
        Assert.Contains($"task {_task} is torn: {said}", failure.Message);
    }

    [Fact]
    public async Task Append_WhenTheDatabaseTakesNoWrites_IsUnavailableUntilItDoes()
    {
        var name = new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database;
        await _database.ExecuteAsync($"ALTER DATABASE {name} SET default_transaction_read_only = on", Cancelled);
        await using var standby = new TestDatabase(_database.ConnectionString);

        var failure = await Assert.ThrowsAsync<JournalException>(
            () => standby.Journal.AppendAsync(_task, 0, [Samples.Event()], Samples.Summary(_task, 1), Cancelled));
        await _database.ExecuteAsync($"ALTER DATABASE {name} SET default_transaction_read_only = off", Cancelled);

        Assert.Equal(JournalFault.Unavailable, failure.Fault);
        Assert.Contains("takes no writes", failure.Message);
        await standby.Journal.AppendAsync(_task, 0, [Samples.Event()], Samples.Summary(_task, 1), Cancelled);
    }

    [Fact]
    public async Task Append_WhenTheServerStopsAndStartsAgain_GoesOn()
    {
        var options = new PrivateClusterOptions { Directory = TestClusters.NewDirectory() };
        try
        {
            var cluster = await PrivateCluster.StartAsync(options, Cancelled);
            await Migrator.MigrateAsync(cluster.ConnectionString, Cancelled);
            await using var database = new TestDatabase(cluster.ConnectionString);
            await database.Journal.AppendAsync(_task, 0, [Samples.Event("before")], Samples.Summary(_task, 1), Cancelled);
            await cluster.DisposeAsync();

            // The first meets the stopped server's connection, which was open: its fate is not always known. The second finds none.
            var broken = await FaultAsync();
            var away = await FaultAsync();
            await using var again = await PrivateCluster.StartAsync(options, Cancelled);
            await database.Journal.AppendAsync(_task, 1, [Samples.Event("after")], Samples.Summary(_task, 2), Cancelled);

            Assert.True(broken is JournalFault.Unavailable or JournalFault.OutcomeUnknown, $"{broken}");
            Assert.Equal(JournalFault.Unavailable, away);
            Assert.Equal([new(1, Samples.Event("before")), new(2, Samples.Event("after"))], await database.Journal.ReadAsync(_task, 0, Cancelled));

            async Task<JournalFault> FaultAsync() => (await Assert.ThrowsAsync<JournalException>(
                () => database.Journal.AppendAsync(_task, 1, [Samples.Event("away")], Samples.Summary(_task, 2), Cancelled))).Fault;
        }
        finally
        {
            Directory.Delete(options.Directory, recursive: true);
        }
    }

    private Task AppendAsync(long expectedSeq, params TaskEvent[] events) =>
        _database.Journal.AppendAsync(_task, expectedSeq, events, Samples.Summary(_task, expectedSeq + events.Length), Cancelled);

    private Task TerminateAsync(int pid) => _database.ExecuteAsync($"SELECT pg_terminate_backend({pid})", Cancelled);
}
