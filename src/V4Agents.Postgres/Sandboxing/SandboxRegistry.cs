using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Sandboxing;

/// <summary>Rows outlive their containers as a record; only unreleased ones are listed.</summary>
internal sealed class SandboxRegistry(NpgsqlDataSource database) : ISandboxRegistry
{
    /// <summary>Three of the sweep's rounds: one that is late must not give a sandbox away.</summary>
    private const string Lease = "interval '3 minutes'";

    public Task<string> InstanceAsync(CancellationToken cancellationToken) => Faults.GuardAsync(async () =>
    {
        await using var command = database.CreateCommand("SELECT id FROM instance");
        return (string)(await command.ExecuteScalarAsync(cancellationToken)
            ?? throw new InvalidOperationException("The table 'instance' is empty, although the migration fills it."));
    });

    /// <summary>
    /// Again for the same sandbox is success, also after a release: a task that opens it once more holds it, and its age counts from the last time, because
    /// it is its container that is about to be made.
    /// </summary>
    public Task RegisterAsync(SandboxId sandbox, TaskId task, string engine, CancellationToken cancellationToken) => ExecuteAsync(
        $"""
        INSERT INTO sandboxes (id, task_id, engine, lease_until) VALUES ($1, $2, $3, now() + {Lease})
        ON CONFLICT (id) DO UPDATE SET engine = excluded.engine, lease_until = excluded.lease_until, released_at = NULL,
            registered_at = now()
        """,
        [Parameter.Of(sandbox.Value), Parameter.Of(task.Value), Parameter.Of(engine)],
        cancellationToken);

    public Task RenewAsync(string engine, CancellationToken cancellationToken) => ExecuteAsync(
        $"UPDATE sandboxes SET lease_until = now() + {Lease} WHERE engine = $1 AND released_at IS NULL", [Parameter.Of(engine)], cancellationToken);

    public Task ReleaseAsync(SandboxId sandbox, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sandboxes SET released_at = now() WHERE id = $1 AND released_at IS NULL", [Parameter.Of(sandbox.Value)], cancellationToken);

    public Task ReleaseAsync(SandboxId sandbox, string engine, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sandboxes SET released_at = now() WHERE id = $1 AND engine = $2 AND released_at IS NULL",
        [Parameter.Of(sandbox.Value), Parameter.Of(engine)],
        cancellationToken);

    public Task ReleaseAsync(SandboxRow row, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sandboxes SET released_at = now() WHERE id = $1 AND engine = $2 AND registered_at = $3 AND released_at IS NULL",
        [Parameter.Of(row.Sandbox.Value), Parameter.Of(row.Engine), Parameter.Of(row.RegisteredAt)],
        cancellationToken);

    public Task<IReadOnlyList<SandboxRow>> ListAsync(CancellationToken cancellationToken) =>
        Faults.GuardAsync<IReadOnlyList<SandboxRow>>(async () =>
        {
            await using var command = database.CreateCommand(
                "SELECT id, task_id, engine, registered_at, lease_until FROM sandboxes WHERE released_at IS NULL ORDER BY registered_at, id");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var held = new List<SandboxRow>();
            while (await reader.ReadAsync(cancellationToken))
            {
                held.Add(new SandboxRow(
                    new SandboxId(reader.GetString(0)), new TaskId(reader.GetString(1)), reader.GetString(2),
                    reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4)));
            }

            return held;
        });

    public Task KeepOrphanAsync(SandboxId sandbox, TaskId task, string tree, BlobId bundle, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO sandboxes (id, task_id, released_at, orphan_tree, orphan_blob) VALUES ($1, $2, now(), $3, $4)
        ON CONFLICT (id) DO UPDATE SET orphan_tree = excluded.orphan_tree, orphan_blob = excluded.orphan_blob
        """,
        [Parameter.Of(sandbox.Value), Parameter.Of(task.Value), Parameter.Of(tree), Parameter.Of(bundle.Value)],
        cancellationToken);

    private Task ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => Faults.GuardAsync(async () =>
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });
}
