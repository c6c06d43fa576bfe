using Npgsql;
using V4Agents.Core.Journal;

namespace V4Agents.Postgres.Journal;

/// <summary>Which database errors mean that the server is gone or too busy, and nothing was written. Any other is a bug and passes.</summary>
internal static class Faults
{
    public static bool IsUnavailable(NpgsqlException e) =>
        // Connection, transaction rollback (deadlock), resources, operator intervention (shutdown, terminated backend), system errors.
        e is not PostgresException { SqlState: var state } || state[..2] is "08" or "40" or "53" or "57" or "58";

    public static JournalException Unavailable(NpgsqlException e) =>
        new(JournalFault.Unavailable, $"The database cannot be reached: {e.Message}. Nothing was written; it is safe to try again.", e);

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
}
