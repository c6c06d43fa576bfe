using V4Agents.Core.Tasks;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class TaskSummariesTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly TaskId _task = Samples.NewTask();
    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Find_WhenTheTaskIsStored_ReturnsEveryField()
    {
        await AppendAsync(Samples.Summary(_task, 1));

        Assert.Equal(Samples.Summary(_task, 1), await _database.Summaries.FindAsync(_task, Cancelled));
        Assert.Null(await _database.Summaries.FindAsync(Samples.NewTask(), Cancelled));
    }

    [Fact]
    public async Task Find_WhenFieldsAreAbsent_ReturnsNulls()
    {
        var summary = Samples.Summary(_task, 1) with { Ref = null, Commit = null, Outcome = null, Failure = null, Message = null };
        await AppendAsync(summary);

        Assert.Equal(summary, await _database.Summaries.FindAsync(_task, Cancelled));
    }

    [Fact]
    public async Task List_WhenPagedByCursor_GivesEachTaskOfTheTenantOnceNewestFirst()
    {
        // Pairs share an instant, so the order inside a pair has to come from the id.
        var tasks = Enumerable.Range(0, 10).Select(number => Samples.Summary(Samples.NewTask(), 1) with
        {
            SubmittedAt = Samples.Noon.AddMinutes(number / 2),
        }).ToList();
        foreach (var summary in tasks)
        {
            await AppendAsync(summary);
        }

        await AppendAsync(Samples.Summary(Samples.NewTask(), 1) with { Tenant = "other" });

        var listed = new List<TaskSummary>();
        for (TaskId? before = null; listed.Count == 0 || before is not null;)
        {
            var page = await _database.Summaries.ListAsync("tenant", before, limit: 3, Cancelled);
            listed.AddRange(page);
            before = page.Count == 3 ? page[^1].Id : null;
        }

        Assert.Equal(tasks.OrderByDescending(task => task.SubmittedAt).ThenByDescending(task => task.Id.Value, StringComparer.Ordinal), listed);
    }

    [Fact]
    public async Task Unfinished_WhenSomeTasksAreFinished_ListsTheOthers()
    {
        await AppendAsync(Samples.Summary(_task, 1));
        await AppendAsync(Samples.Summary(Samples.NewTask(), 1) with { Finished = true });

        Assert.Equal([_task], await _database.Summaries.UnfinishedAsync(Cancelled));
    }

    [Fact]
    public async Task Wait_WhenEventsAreThereAlready_CompletesAtOnce()
    {
        await AppendAsync(Samples.Summary(_task, 1));

        var wait = _database.Summaries.WaitAsync(_task, afterSeq: 0, Cancelled);

        await wait.WaitAsync(TimeSpan.FromSeconds(2), Cancelled);
    }

    [Fact]
    public async Task Wait_WhenAnotherProcessAppends_IsNotified()
    {
        await ListeningAsync();
        await using var other = new TestDatabase(_database.ConnectionString);
        var waiters = Enumerable.Range(0, 20).Select(_ => _database.Summaries.WaitAsync(_task, afterSeq: 0, Cancelled)).ToList();

        await other.Journal.AppendAsync(_task, 0, [Samples.Event()], Samples.Summary(_task, 1), Cancelled);

        // Well below the five seconds after which a wait ends by itself.
        await Task.WhenAll(waiters).WaitAsync(TimeSpan.FromSeconds(3), Cancelled);
    }

    [Fact]
    public async Task Wait_WhenAppendsRaceWithIt_NeverMissesOne()
    {
        await ListeningAsync();
        var started = TimeProvider.System.GetTimestamp();
        var appends = Task.Run(
            async () =>
            {
                for (var seq = 0; seq < 200; seq++)
                {
                    await _database.Journal.AppendAsync(_task, seq, [Samples.Event()], Samples.Summary(_task, seq + 1), Cancelled);
                }
            },
            Cancelled);

        for (long seen = 0; seen < 200;)
        {
            await _database.Summaries.WaitAsync(_task, seen, Cancelled);
            seen = (await _database.Summaries.FindAsync(_task, Cancelled))?.Seq ?? 0;
        }

        await appends;
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(4.5));
    }

    [Fact]
    public async Task Wait_WhenTheListeningConnectionBreaks_IsNotifiedAfterwards()
    {
        await ListeningAsync();
        var broken = _database.Summaries.WaitAsync(_task, afterSeq: 0, Cancelled);

        await _database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'", Cancelled);

        // A new connection may have missed commits, so everybody looks again; then it hears as the old one did.
        await broken.WaitAsync(TimeSpan.FromSeconds(3), Cancelled);
        var wait = _database.Summaries.WaitAsync(_task, afterSeq: 0, Cancelled);
        await AppendAsync(Samples.Summary(_task, 1));
        await wait.WaitAsync(TimeSpan.FromSeconds(3), Cancelled);
    }

    [Fact]
    public async Task Wait_WhenCancelled_Stops()
    {
        await ListeningAsync();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var wait = _database.Summaries.WaitAsync(_task, afterSeq: 0, cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    /// <summary>The first wait ends when the connection listens.</summary>
    private Task ListeningAsync() => _database.Summaries.WaitAsync(Samples.NewTask(), afterSeq: 0, Cancelled);

    private Task AppendAsync(TaskSummary summary) =>
        _database.Journal.AppendAsync(summary.Id, summary.Seq - 1, [Samples.Event()], summary, Cancelled);
}
