namespace V4Agents.Chaos.World;

/// <summary>Signals to single processes, by their id.</summary>
internal static class Signals
{
    public static async Task SendAsync(string signal, int process) => await Programs.MustAsync("/", "kill", $"-{signal}", $"{process}");
}
