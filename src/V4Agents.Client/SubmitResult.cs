using V4Agents.Client.Contract;

namespace V4Agents.Client;

/// <param name="Created">False when the idempotency key had brought this task before.</param>
public sealed record SubmitResult(TaskBody Task, bool Created);
