namespace V4Agents.Chaos.World;

/// <summary>What a service of a run is told; the person's own settings must not reach it.</summary>
internal static class ServiceEnvironment
{
    /// <param name="answers">Shared by the services of one machine, so that each finds what another had received.</param>
    public static IReadOnlyDictionary<string, string> Of(string database, string model, string engine, string answers) => new Dictionary<string, string>
    {
        ["V4_DATABASE"] = database,
        ["V4_MODEL_URL"] = model,
        ["V4_MODEL_KEY"] = "sk-chaos",
        ["DEEPSEEK_API_KEY"] = "",
        ["V4_SERVER"] = "",
        ["Sandbox__DockerHost"] = engine,
        ["Models__AnswerDirectory"] = answers,

        // A service that lives for seconds spends a quarter of its processor time on measuring itself.
        ["DOTNET_TieredPGO"] = "0",
    };
}
