namespace V4Agents.Client.Contract;

/// <summary>One model call of a task, its request made again from the journal alone.</summary>
/// <param name="Seq">The event that began the call.</param>
/// <param name="Bytes">Length of the request body.</param>
/// <param name="Sha256">Of the body as it is made now.</param>
/// <param name="RecordedSha256">Of the body as it was sent; null for calls from before it was recorded.</param>
public sealed record ReplayedCallBody(
    long Seq, int Step, int Attempt, string Role, string Model, int Messages, long Bytes, string Sha256, string? RecordedSha256, bool Equal);
