namespace V4Agents.Chaos.Soak;

internal static class KillNames
{
    public static string Of(KillKind kind) => kind switch
    {
        KillKind.SiloKilled => "SIGKILL of a silo",
        KillKind.SiloFrozen => "SIGSTOP of a silo for 15 s",
        KillKind.SandboxKilled => "docker kill of a sandbox",
        KillKind.SandboxRemoved => "docker rm -f of a sandbox",
        KillKind.ConnectionsCut => "pg_terminate_backend of every connection",
        KillKind.DatabaseCrashed => "immediate stop of PostgreSQL",
        KillKind.EngineKilled => "SIGKILL of dockerd",
        KillKind.EngineTerminated => "SIGTERM of dockerd",
        KillKind.ModelOutage => "the model's endpoint gone",
        _ => kind.ToString(),
    };
}
