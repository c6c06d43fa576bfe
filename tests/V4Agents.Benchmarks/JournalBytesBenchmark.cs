using System.Security.Cryptography;
using V4Agents.Core.Blobs;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.TestKit.Tasks;
using static V4Agents.TestKit.Tasks.Events;

namespace V4Agents.Benchmarks;

/// <summary>
/// What a step writes while the conversation before it grows. A step is a model call and a tool call: four appends, the reply, the tool message and the
/// tool's output. New bytes are the content of those blobs and the events as JSON; written are the rows that came of them, and the log (WAL) beside.
/// </summary>
internal static class JournalBytesBenchmark
{
    private const int Steps = 9;

    /// <summary>As in English text and source code.</summary>
    private const int BytesPerToken = 4;

    private const int MessageBytes = 16 * 1024;

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await BenchmarkDatabase.StartAsync(cancellationToken);
        Console.WriteLine($"PostgreSQL {database.Version}; {Steps} steps at each size, median (least to most); target: written <= 1.2 x new at every size");
        Console.WriteLine("context tokens   new bytes   written bytes                 written / new          log / new");
        foreach (var tokens in new[] { 10_000, 200_000, 900_000 })
        {
            var task = new Conversation(database);
            await task.OpenAsync(tokens * BytesPerToken / MessageBytes, cancellationToken);
            var (written, ratio, log) = (new Samples(), new Samples(), new Samples());
            var added = 0L;
            for (var step = 1; step <= Steps; step++)
            {
                var before = await SizeAsync(database, cancellationToken);
                var position = await database.ScalarAsync<string>("SELECT pg_current_wal_insert_lsn()::text", cancellationToken);
                added = await task.StepAsync(step, cancellationToken);
                log.Add((double)await database.ScalarAsync<decimal>($"SELECT pg_current_wal_insert_lsn() - '{position}'::pg_lsn", cancellationToken) / added);
                var bytes = await SizeAsync(database, cancellationToken) - before;
                written.Add(bytes);
                ratio.Add((double)bytes / added);
            }

            Console.WriteLine($"{tokens,14:N0}   {added,9:N0}   {written.Show("N0"),-27}   {ratio.Show("0.00"),-20}   {log.Show("0.00")}");
        }
    }

    /// <summary>The bytes of every row that appends and blobs add, and of the summary, which every append writes anew.</summary>
    private static Task<long> SizeAsync(BenchmarkDatabase database, CancellationToken cancellationToken) => database.ScalarAsync<long>(
        """
        SELECT (SELECT coalesce(sum(pg_column_size(e.*)), 0) FROM task_events e) + (SELECT coalesce(sum(pg_column_size(b.*)), 0) FROM blobs b)
            + (SELECT coalesce(sum(pg_column_size(l.*)), 0) FROM ledger l)
            + (SELECT coalesce(sum(pg_column_size(t.*) * (SELECT count(*) FROM task_events WHERE task_id = t.id)), 0)::bigint FROM tasks t)
        """,
        cancellationToken);

    private sealed class Conversation(BenchmarkDatabase database)
    {
        private TaskState _state = TaskState.Empty;
        private long _added;

        public async Task OpenAsync(int messages, CancellationToken cancellationToken)
        {
            var task = new TaskId($"t-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 20)}");
            await AppendAsync(cancellationToken, [.. Working()[..^1].Select(e => e is TaskEvent.Submitted it ? it with { Task = task } : e)]);
            var ids = new List<BlobId>();
            for (var i = 0; i < messages; i++)
            {
                ids.Add(await PutAsync(MessageBytes, cancellationToken));
            }

            await AppendAsync(cancellationToken, new TaskEvent.ConversationOpened([ids[0]], await PutAsync(1000, cancellationToken), Noon));
            foreach (var id in ids.Skip(1))
            {
                await AppendAsync(cancellationToken, new TaskEvent.Nudged("context", id, Noon));
            }
        }

        /// <summary>Returns the new bytes.</summary>
        public async Task<long> StepAsync(int step, CancellationToken cancellationToken)
        {
            _added = 0;
            var started = (TaskEvent.ModelCallStarted)CallStarted(step);
            await AppendAsync(cancellationToken, started with { Messages = _state.Messages.Count, Prompt = _state.Prompt });
            var completed = (TaskEvent.ModelCallCompleted)CallCompleted(step, "bash");
            await AppendAsync(cancellationToken, completed with { Reply = await PutAsync(4000, cancellationToken) });
            var call = new ToolCallId(step, 0);
            await AppendAsync(cancellationToken, new TaskEvent.ToolCallStarted(call, "bash", "make test", Noon));
            var (reply, output) = (await PutAsync(8000, cancellationToken), await PutAsync(24000, cancellationToken));
            await AppendAsync(cancellationToken, new TaskEvent.ToolCallCompleted(call, "bash", 0, false, 24000, 0.5, reply, output, Noon));
            return _added;
        }

        private async Task AppendAsync(CancellationToken cancellationToken, params TaskEvent[] events)
        {
            var next = events.Aggregate(_state, (state, e) => state.Apply(e));
            await database.Journal.AppendAsync(next.Id, _state.Seq, events, next.Summarize(), cancellationToken);
            _state = next;
            _added += events.Sum(e => EventCodec.Encode(e).Length);
        }

        /// <summary>Bytes that no compression makes smaller, so that nothing is hidden by it.</summary>
        private Task<BlobId> PutAsync(int length, CancellationToken cancellationToken)
        {
            _added += length;
            return database.Blobs.PutAsync(RandomNumberGenerator.GetBytes(length), cancellationToken);
        }
    }
}
