namespace V4Agents.Runner;

/// <summary>The sandbox itself is damaged, so that asking for something else would not help; the message goes to the service as it is.</summary>
internal sealed class DamageException(string message) : Exception(message);
