using System.ComponentModel.DataAnnotations;

namespace V4Agents.Models;

/// <summary>The model endpoint and who serves which role.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Base of the OpenAI-format API; <c>/chat/completions</c> is appended. Default: <c>https://api.deepseek.com</c>.</summary>
    [Required]
    public string Url { get; set; } = "https://api.deepseek.com";

    /// <summary>Sent as bearer token. An endpoint on this machine needs none. Default: none.</summary>
    public string? Key { get; set; }

    /// <summary>Whether replies are asked for as a stream. Without, an endpoint that sends no keep-alives must answer within the stall
    /// time-out. Default: true.</summary>
    public bool Stream { get; set; } = true;

    /// <summary>Short retries of one call that was refused before the server began to work on it. Default: 3.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 3;

    /// <summary>How long the endpoint may be silent, keep-alives counted as sound, before the call is given up. Endpoints that send no
    /// keep-alives while they read a long prompt need more. Default: 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one call may last in all, however lively its stream is. Default: 2 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
    public TimeSpan CallLimit { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Where answers are kept, readable for this user only, from their first byte until the service has recorded them: one that dies in
    /// between need not pay again. Default: nothing is kept.</summary>
    public string? AnswerDirectory { get; set; }

    /// <summary>Role (<c>solver</c>, <c>triage</c>, <c>summarizer</c>, <c>reviewer</c>) to model. What is not named keeps its default.</summary>
    public Dictionary<string, ModelRoleOptions> Roles { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        // 131072 is what the API itself allows at effort max when nothing is asked for. The 384K ceiling would triple the sum that has
        // to be reserved for every call; room for it in the window is the prompt budget's business, not this bound's.
        ["solver"] = new() { Model = "deepseek-v4-pro", Effort = "max", MaxOutputTokens = 131_072 },
        ["triage"] = new() { Effort = "none", MaxOutputTokens = 4_096 },
        ["summarizer"] = new() { Effort = "none", MaxOutputTokens = 8_192 },
        ["reviewer"] = new() { Effort = "high", MaxOutputTokens = 65_536 },
    };
}
