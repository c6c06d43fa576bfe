namespace V4Agents.Core.Repositories;

public sealed record PatchLimits(int Files, long Bytes)
{
    public static readonly PatchLimits Default = new(Files: 2_000, Bytes: 16 * 1024 * 1024);
}
