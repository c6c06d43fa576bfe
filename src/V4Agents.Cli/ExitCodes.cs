using System.Text.Json;
using V4Agents.Client.Contract;

namespace V4Agents.Cli;

/// <summary>From the API's words to exit codes.</summary>
public static class ExitCodes
{
    private static readonly Dictionary<string, ExitCode> ByCode = Enum.GetValues<ExitCode>().ToDictionary(Spelled);

    /// <summary>The code as the API and the documentation spell it.</summary>
    public static string Spelled(this ExitCode code) => JsonNamingPolicy.SnakeCaseLower.ConvertName(code.ToString());

    /// <summary>The code of a refusal.</summary>
    public static ExitCode OfCode(string code) => code switch
    {
        "request_invalid" => ExitCode.Usage,
        "no_patch" => ExitCode.NoChange,
        _ => ByCode.GetValueOrDefault(code, ExitCode.Unexpected),
    };

    /// <summary>The code of a finished task.</summary>
    public static ExitCode Of(TaskBody task) => task.Outcome switch
    {
        null => ExitCode.Unexpected,
        "failed" => task.Failure is { } failure ? OfCode(failure) : ExitCode.Internal,
        var outcome => OfCode(outcome),
    };
}
