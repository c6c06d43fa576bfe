namespace V4Agents.Simulator.Answers;

/// <summary>
/// The scenario breaks the connection here. Thrown through the server on purpose: it then sends what was written and closes without the end of the body,
/// where an abort could lose it.
/// </summary>
internal sealed class CutException : Exception;
