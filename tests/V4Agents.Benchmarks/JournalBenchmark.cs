using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using NpgsqlTypes;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.TestKit.Tasks;

namespace V4Agents.Benchmarks;

/// <summary>
/// Durable steps per second through the journal, beside plain inserts of the same rows in the same run. A step is one append of one event that carries a
/// result of 2 KB, with the summary and the notification that go with it.
/// </summary>
internal static class JournalBenchmark
{
    private const int Rounds = 25;
    private const int Tasks = 32;
    private const int ResultLength = 2000;
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(0.5);

    /// <summary>Random letters: nothing here is helped by compression. Made beforehand, because making them takes longer than sending them.</summary>
    private static readonly string[] Results =
    [
        .. Enumerable.Range(0, 256).Select(
            _ => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", ResultLength)),
    ];

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var database = await BenchmarkDatabase.StartAsync(cancellationToken);
        await database.ExecuteAsync(
            """
            CREATE TABLE raw_events (
                task_id text NOT NULL, seq bigint NOT NULL, kind text NOT NULL, version integer NOT NULL, payload jsonb NOT NULL, at timestamptz NOT NULL,
                PRIMARY KEY (task_id, seq))
            """,
            cancellationToken);
        Console.WriteLine($"PostgreSQL {database.Version}, {Environment.ProcessorCount} processors, fsync {await SettingAsync("fsync")}, "
            + $"synchronous_commit {await SettingAsync("synchronous_commit")}; {Rounds} rounds of {Slice.TotalSeconds:0.0} s each, interleaved");

        // Statements are prepared and plans settled before anything counts.
        await InsertRawAsync(database, Slice / 4, cancellationToken);
        await AppendAsync(database, Tasks, Slice / 2, cancellationToken);

        var (raw, one, many, oneRatio, manyRatio) = (new Samples(), new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = 0; round < Rounds; round++)
        {
            var inserts = await InsertRawAsync(database, Slice, cancellationToken);
            var alone = await AppendAsync(database, 1, Slice, cancellationToken);
            var together = await AppendAsync(database, Tasks, Slice, cancellationToken);
            raw.Add(inserts);
            one.Add(alone);
            many.Add(together);
            oneRatio.Add(alone / inserts);
            manyRatio.Add(together / inserts);
        }

        Console.WriteLine($"raw inserts, one connection      {raw.Show("0")} per second");
        Console.WriteLine($"steps, one task                  {one.Show("0")} per second = {oneRatio.Show("0.00")} x raw (target 0.8)");
        Console.WriteLine($"steps, {Tasks} tasks at once          {many.Show("0")} per second = {manyRatio.Show("0.00")} x raw (target 3.5)");

        Task<string> SettingAsync(string name) => database.ScalarAsync<string>($"SHOW {name}", cancellationToken);
    }

    private static async Task<double> InsertRawAsync(BenchmarkDatabase database, TimeSpan time, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO raw_events (task_id, seq, kind, version, payload, at) VALUES ($1, $2, $3, $4, $5, $6)", connection)
        {
            Parameters =
            {
                new() { NpgsqlDbType = NpgsqlDbType.Text },
                new() { NpgsqlDbType = NpgsqlDbType.Bigint },
                new() { NpgsqlDbType = NpgsqlDbType.Text },
                new() { NpgsqlDbType = NpgsqlDbType.Integer },
                new() { NpgsqlDbType = NpgsqlDbType.Jsonb },
                new() { NpgsqlDbType = NpgsqlDbType.TimestampTz },
            },
        };
        await insert.PrepareAsync(cancellationToken);
        var task = NewTask().Value;
        return await RateAsync(time, async seq =>
        {
            var step = Step();
            var name = EventCodec.NameOf(step);
            object[] values = [task, seq, name.Kind, name.Version, EventCodec.Encode(step), step.At];
            for (var i = 0; i < values.Length; i++)
            {
                insert.Parameters[i].Value = values[i];
            }

            await insert.ExecuteNonQueryAsync(cancellationToken);
        });
    }

    private static async Task<double> AppendAsync(BenchmarkDatabase database, int tasks, TimeSpan time, CancellationToken cancellationToken)
    {
        var summary = Events.Fold(Events.Working()).Summarize();
        var rates = await Task.WhenAll(Enumerable.Range(0, tasks).Select(_ => Task.Run(() =>
        {
            var task = NewTask();
            return RateAsync(time, seq => database.Journal.AppendAsync(
                task, seq - 1, [Step()], summary with { Id = task, Seq = seq, Activity = $"working (step {seq})" }, cancellationToken));
        })));
        return rates.Sum();
    }

    /// <param name="step">Takes its number, counted from 1.</param>
    private static async Task<double> RateAsync(TimeSpan time, Func<long, Task> step)
    {
        var clock = Stopwatch.StartNew();
        var steps = 0L;
        while (clock.Elapsed < time)
        {
            await step(++steps);
        }

        return steps / clock.Elapsed.TotalSeconds;
    }

    private static TaskEvent.WorkspaceUnsaved Step() => new(Results[Random.Shared.Next(Results.Length)], DateTimeOffset.UtcNow);

    private static TaskId NewTask() => new($"t-{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 20)}");
}
