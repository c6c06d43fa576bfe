namespace V4Agents.Core.Tasks;

/// <summary>A question to a person that is not answered yet.</summary>
public sealed record ApprovalWait(int Number, string Reason, DateTimeOffset ExpiresAt);
