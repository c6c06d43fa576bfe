using DbUp;
using DbUp.Engine;
using Npgsql;

namespace V4Agents.Postgres.Migrations;

/// <summary>Brings a database's schema up to date. Several services may start on one database at once: one of them migrates, the others wait.</summary>
public static class Migrator
{
    /// <summary>Arbitrary, but the same in every version of the service.</summary>
    private const long LockKey = 0x5634_4167_656e_7473;

    private const string ResourcePrefix = "V4Agents.Postgres.Migrations.";

    /// <exception cref="DatabaseUnavailableException">The database cannot be reached, or a migration fails; a failed one leaves nothing behind.</exception>
    public static async Task MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            // Not pooled: closing the connection is what releases the lock.
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await using var lockCommand = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection)
            {
                Parameters = { new() { Value = LockKey } },
                CommandTimeout = 0,
            };
            await lockCommand.ExecuteNonQueryAsync(cancellationToken);
            Upgrade(connectionString);
        }
        catch (NpgsqlException e)
        {
            throw new DatabaseUnavailableException(
                $"The database cannot be reached: {e.Message}. Check that the server runs and that the connection string is right.", e);
        }
    }

    private static void Upgrade(string connectionString)
    {
        var result = DeployChanges.To.PostgresqlDatabase(connectionString)
            .WithScripts(Scripts())
            .JournalToPostgresqlTable("public", "schema_versions")
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new DatabaseUnavailableException(
                $"The database schema cannot be brought up to date: {result.ErrorScript?.Name ?? "its journal"} fails: {result.Error.Message}", result.Error);
        }
    }

    /// <summary>Named by file name alone, so that moving the folder does not run them again.</summary>
    private static IEnumerable<SqlScript> Scripts()
    {
        var assembly = typeof(Migrator).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order())
        {
            using var stream = assembly.GetManifestResourceStream(resource)!; // Its name was just listed.
            using var reader = new StreamReader(stream);
            yield return new SqlScript(resource[ResourcePrefix.Length..], reader.ReadToEnd());
        }
    }
}
