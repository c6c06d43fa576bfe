using Npgsql;
using V4Agents.Core.Journal;

namespace V4Agents.Postgres.Journal;

/// <summary>Commits groups of appends, and gives each append its own end: what is wrong with one is no concern of the others.</summary>
internal sealed class GroupWriter(NpgsqlDataSource database)
{
    /// <summary>Does not throw.</summary>
    public async Task WriteAsync(IReadOnlyList<PendingAppend> group)
    {
        try
        {
            var applied = await CommitAsync(group);
            foreach (var append in group)
            {
                if (applied.Contains(append.Task.Value))
                {
                    append.Succeed();
                }
                else
                {
                    append.Fail(append.Conflict());
                }
            }
        }
        catch (JournalException e)
        {
            foreach (var append in group)
            {
                append.Fail(new JournalException(e.Fault, e.Message, e.InnerException));
            }
        }
        catch (Exception) when (group.Count > 1)
        {
            // Nothing was written, for a reason that may be a single member's.
            foreach (var append in group)
            {
                await WriteAsync([append]);
            }
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, TableName: "task_events" })
        {
            group[0].Fail(group[0].Conflict(e));
        }
        catch (NpgsqlException e) when (Faults.IsUnavailable(e))
        {
            group[0].Fail(Faults.Unavailable(e));
        }
        catch (Exception e)
        {
            // A bug's, or a row that the database refuses: the appender's to report, and it must not wait for ever.
            group[0].Fail(e);
        }
    }

    /// <summary>The ids of the tasks whose appends are committed.</summary>
    /// <exception cref="JournalException">What happened, happened to all members alike.</exception>
    /// <exception cref="PostgresException">Nothing was written.</exception>
    private async Task<HashSet<string>> CommitAsync(IReadOnlyList<PendingAppend> group)
    {
        await using var connection = await OpenAsync();
        await using var command = AppendCommand.For(group);
        command.Connection = connection;
        var executed = false;
        try
        {
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            var applied = new HashSet<string>(group.Count);
            while (await reader.ReadAsync(CancellationToken.None))
            {
                applied.Add(reader.GetString(0));
            }

            // The statement is complete; what follows is the commit.
            executed = true;
            await reader.NextResultAsync(CancellationToken.None);
            return applied;
        }
        catch (PostgresException e) when (!executed || e.InvariantSeverity is not ("FATAL" or "PANIC"))
        {
            // The server says so itself, before the commit or instead of it: nothing was written.
            if (e.SqlState == PostgresErrorCodes.ReadOnlySqlTransaction)
            {
                // The server has become a standby: the next connection may find the one that took over.
                database.Clear();
            }

            throw Faults.IsUnavailable(e) && !Faults.IsOfOneMember(e) ? Faults.Unavailable(e) : e;
        }
        catch (NpgsqlException e)
        {
            // What broke this connection has likely broken its idle siblings, and each would cost a group its certainty.
            database.Clear();
            throw Faults.OutcomeUnknown(e);
        }
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        try
        {
            return await database.OpenConnectionAsync(CancellationToken.None);
        }
        catch (NpgsqlException e) when (Faults.IsUnavailable(e))
        {
            throw Faults.Unavailable(e);
        }
    }
}
