namespace V4Agents.Postgres.Local;

/// <summary>Where the private PostgreSQL cluster lives and which programs run it.</summary>
public sealed class PrivateClusterOptions
{
    /// <summary>The cluster's own directory: data, socket and log. Its path must be short enough for a unix socket (about 85 characters).</summary>
    public required string Directory { get; init; }

    /// <summary>The directory of <c>postgres</c>, <c>initdb</c> and <c>pg_ctl</c>. Default: the newest installed version that fits the data.</summary>
    public string? BinDirectory { get; init; }

    /// <summary>The system user that runs the server when this process is root, which PostgreSQL refuses to run as. Default: <c>postgres</c>.</summary>
    public string SystemUser { get; init; } = "postgres";

    /// <summary>The database that is created in the cluster. Default: <c>v4agents</c>.</summary>
    public string Database { get; init; } = "v4agents";

    /// <summary>How long starting, and waiting for a server that is starting or stopping, may take. Default: 1 minute.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
