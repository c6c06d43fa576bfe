namespace V4Agents.Chaos.World;

internal static class Paths
{
    /// <summary>The simulator as it was built beside this program.</summary>
    public static readonly string Simulator = Path.Combine(AppContext.BaseDirectory, "V4Agents.Simulator.dll");
}
