namespace V4Agents.Client.Contract;

/// <param name="Approved">True delivers the patch.</param>
/// <param name="Comment">With a refusal: what to change; the task goes on with it. A refusal without a comment ends the task.</param>
/// <param name="Number">The question that is meant, as <c>approval.requested</c> numbers it: an answer to an older one is refused. The open one when absent.</param>
public sealed record ApproveBody(bool? Approved, string? Comment = null, int? Number = null);
