using V4Agents.Core.Blobs;

namespace V4Agents.Core.Tasks;

/// <summary>What the state keeps of a finished verification.</summary>
public sealed record VerificationMark(bool Passed, int ChecksPassed, int Checks, string? Problem, bool CommandMissing, BlobId Result);
