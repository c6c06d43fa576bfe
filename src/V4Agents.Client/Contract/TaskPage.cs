namespace V4Agents.Client.Contract;

/// <param name="Next">Give it as <c>before</c> to get the following page; null on the last.</param>
public sealed record TaskPage(IReadOnlyList<TaskBody> Items, string? Next);
