namespace V4Agents.Core.Tasks;

/// <summary>Where a fork comes from.</summary>
public sealed record Origin(TaskId Source, long Seq, int Step);
