namespace V4Agents.Simulator.Protocol;

/// <summary>A refusal in the API's error envelope.</summary>
internal sealed record ApiError(int Status, string Message, string Type, string Code)
{
    private const string InvalidRequest = "invalid_request_error";

    public static readonly ApiError ReasoningMissing = Invalid("The `reasoning_content` in the thinking mode must be passed back to the API.");

    public static readonly ApiError ToolChoiceInThinking = Invalid("Thinking mode does not support this tool_choice");

    public static readonly ApiError ToolMessagesMissing = Invalid(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        "(insufficient tool messages following tool_calls message)");

    public static readonly ApiError OrphanToolMessage = Invalid("Messages with role 'tool' must be a response to a preceding message with 'tool_calls'");

    public static ApiError Invalid(string message) => new(400, message, InvalidRequest, InvalidRequest);

    public static ApiError Unprocessable(string message) => new(422, message, InvalidRequest, InvalidRequest);

    public static ApiError Unauthorized(string message) => new(401, message, "authentication_error", InvalidRequest);

    /// <summary>The body that goes with a status a scenario asks for.</summary>
    public static ApiError OfStatus(int status) => status switch
    {
        401 => Unauthorized("Authentication Fails, Your api key is invalid"),
        402 => new(402, "Insufficient Balance", "unknown_error", InvalidRequest),
        422 => Unprocessable("Invalid Parameters"),
        429 => new(429, "Rate Limit Reached", "rate_limit_error", "rate_limit_error"),
        500 => new(500, "Internal Server Error", "internal_server_error", "internal_server_error"),
        503 => new(503, "Service is too busy. Please try again later.", "service_unavailable_error", "service_unavailable_error"),
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "The API has no such error status."),
    };
}
