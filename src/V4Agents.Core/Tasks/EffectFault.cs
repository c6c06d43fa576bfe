namespace V4Agents.Core.Tasks;

/// <summary>The last effect failed. <see cref="InARow"/> counts its failures since something last succeeded or another effect failed.</summary>
public sealed record EffectFault(string Effect, FailureCode Code, string Message, bool IsTransient, int InARow);
