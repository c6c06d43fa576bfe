using Npgsql;
using V4Agents.Core.Journal;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// Which database errors pass by themselves: the server is gone, too busy, full, or not the one that takes writes. Any other is a bug or damage (class XX
/// among them: asking a damaged index again would only hide it), and passes as it is.
/// </summary>
internal static class Faults
{
    public static bool IsUnavailable(NpgsqlException e) =>
        // Connection, transaction rollback (deadlock), resources, operator intervention (shutdown, terminated backend), system errors; a standby.
        e is not PostgresException { SqlState: var state } || state[..2] is "08" or "40" or "53" or "57" or "58"
            || state == PostgresErrorCodes.ReadOnlySqlTransaction;

    /// <summary>A rollback for the sake of another transaction meant one row of one task: the others have no part in it.</summary>
    public static bool IsOfOneMember(PostgresException e) => e.SqlState.StartsWith("40", StringComparison.Ordinal);

    public static JournalException Unavailable(NpgsqlException e) => new(JournalFault.Unavailable, $"{Cause(e)} Nothing was written; it is safe to try again.", e);

    public static JournalException OutcomeUnknown(NpgsqlException e) => new(
        JournalFault.OutcomeUnknown,
        $"The database connection broke while events were committed: {e.Message}. Whether they are stored is known after reading the task again.",
        e);

    /// <summary>Work that can simply be done again when it fails.</summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException e) when (IsUnavailable(e))
        {
            throw Unavailable(e);
        }
    }

    private static string Cause(NpgsqlException e) => (e as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.DiskFull => $"The disk of the database is full: {e.Message}. Free space on it; the work then goes on by itself.",
        PostgresErrorCodes.TooManyConnections => $"The database has no connection left: {e.Message}. Raise its max_connections, or stop other users of it.",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            $"The database takes no writes: {e.Message}. It is a standby, or set to read-only; the connection string must lead to the primary.",
        _ => $"The database cannot be reached: {e.Message}.",
    };
}
