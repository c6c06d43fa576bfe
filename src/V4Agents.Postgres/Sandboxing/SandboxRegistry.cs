using Npgsql;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Sandboxing;

/// <summary>Rows outlive their containers as a record; only unreleased ones are listed.</summary>
internal sealed class SandboxRegistry(NpgsqlDataSource database) : ISandboxRegistry
{
    public Task<string> InstanceAsync(CancellationToken cancellationToken) => Faults.GuardAsync(async () =>
    {
        await using var command = database.CreateCommand("SELECT id FROM instance");
        return (string)(await command.ExecuteScalarAsync(cancellationToken)
            ?? throw new InvalidOperationException("The table 'instance' is empty, although the migration fills it."));
    });

    /// <summary>Again for the same sandbox is success, also after a release: a task that opens it once more holds it.</summary>
    public Task RegisterAsync(SandboxId sandbox, TaskId task, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO sandboxes (id, task_id) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET registered_at = now(), released_at = NULL WHERE sandboxes.released_at IS NOT NULL
        """,
        [Parameter.Of(sandbox.Value), Parameter.Of(task.Value)],
        cancellationToken);

    public Task ReleaseAsync(SandboxId sandbox, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE sandboxes SET released_at = now() WHERE id = $1 AND released_at IS NULL", [Parameter.Of(sandbox.Value)], cancellationToken);

    public Task<IReadOnlyList<SandboxId>> ListAsync(CancellationToken cancellationToken) =>
        Faults.GuardAsync<IReadOnlyList<SandboxId>>(async () =>
        {
            await using var command = database.CreateCommand("SELECT id FROM sandboxes WHERE released_at IS NULL ORDER BY registered_at, id");
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var held = new List<SandboxId>();
            while (await reader.ReadAsync(cancellationToken))
            {
                held.Add(new SandboxId(reader.GetString(0)));
            }

            return held;
        });

    private Task ExecuteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => Faults.GuardAsync(async () =>
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    });
}
