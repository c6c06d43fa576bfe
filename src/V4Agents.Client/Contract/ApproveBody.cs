namespace V4Agents.Client.Contract;

/// <param name="Approved">True delivers the patch.</param>
/// <param name="Comment">With a refusal: what to change; the task goes on with it. A refusal without a comment ends the task.</param>
public sealed record ApproveBody(bool? Approved, string? Comment = null);
