namespace V4Agents.Client.Contract;

/// <param name="Text">What the model is told at the next boundary between its replies.</param>
public sealed record SayBody(string? Text);
