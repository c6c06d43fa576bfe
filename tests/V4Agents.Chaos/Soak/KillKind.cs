namespace V4Agents.Chaos.Soak;

internal enum KillKind
{
    SiloKilled,
    SiloFrozen,
    SandboxKilled,
    SandboxRemoved,
    ConnectionsCut,
    DatabaseCrashed,
    EngineKilled,
    EngineTerminated,
    ModelOutage,
}
