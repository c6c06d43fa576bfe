namespace V4Agents.Client.Contract;

public sealed record PatchBody(int Files, int Additions, int Deletions);
