using Npgsql;

namespace V4Agents.Postgres;

/// <summary>
/// What the service's connections have unless the connection string says otherwise: a peer that is gone is noticed in seconds, statements are
/// prepared, and the server is not flooded.
/// </summary>
public static class ConnectionSettings
{
    /// <param name="part">Shown by the server beside each connection.</param>
    /// <param name="most">The most connections that part opens.</param>
    public static string Complete(string connectionString, string part, int most)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var given = settings.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase);
        Default("Application Name", part);
        Default("Maximum Pool Size", most);
        Default("Max Auto Prepare", 32);

        // Seconds: for connecting, for an answer, and between two signs of life on a connection that waits.
        Default("Timeout", 5);
        Default("Command Timeout", 10);
        Default("Keepalive", 5);
        if (settings.Host?.Contains('/') == false)
        {
            // The peer at a unix socket cannot vanish unnoticed.
            Default("TCP Keepalive", true);
            Default("TCP Keepalive Time", 5);
            Default("TCP Keepalive Interval", 2);
        }

        return settings.ConnectionString;

        void Default(string keyword, object value)
        {
            if (!given.Contains(keyword))
            {
                settings[keyword] = value;
            }
        }
    }
}
