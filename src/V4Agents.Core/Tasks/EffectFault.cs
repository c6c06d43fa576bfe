namespace V4Agents.Core.Tasks;

/// <summary>The last effect failed. <see cref="InARow"/> counts failures since something last succeeded.</summary>
public sealed record EffectFault(FailureCode Code, string Message, bool IsTransient, int InARow);
