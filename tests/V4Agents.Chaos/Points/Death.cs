namespace V4Agents.Chaos.Points;

/// <param name="FaultPoint">Where the service kills itself, as <c>V4_FAULT_POINT</c> takes it.</param>
internal sealed record Death(string FaultPoint, Then Then = Then.Nothing)
{
    public override string ToString() => Then switch
    {
        Then.KillSandbox => $"{FaultPoint} + docker kill",
        Then.RemoveSandbox => $"{FaultPoint} + docker rm -f",
        _ => FaultPoint,
    };
}
