namespace V4Agents.Chaos.Points;

/// <summary>What else dies while the service is dead.</summary>
internal enum Then
{
    Nothing,
    KillSandbox,
    RemoveSandbox,
}
