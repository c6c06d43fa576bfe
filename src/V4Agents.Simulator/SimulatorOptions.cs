namespace V4Agents.Simulator;

/// <summary>How one simulator is set up.</summary>
public sealed class SimulatorOptions
{
    /// <summary>Loopback port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The scenario file to play. Exactly one of this and <see cref="ScenarioText"/> is set.</summary>
    public string? ScenarioFile { get; init; }

    /// <summary>The scenario as YAML text, for tests.</summary>
    public string? ScenarioText { get; init; }

    /// <summary>The API key callers must send as bearer token; null lets everybody in.</summary>
    public string? Key { get; init; }

    /// <summary>How often a waiting answer says that it is alive. Default: 1 second.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Drives the delays and dates the answers.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
