using V4Agents.Simulator.Requests;

namespace V4Agents.Simulator.Answers;

/// <summary>What is sent for a turn.</summary>
internal sealed record Answer(
    string Id,
    string Model,
    string Reasoning,
    string Content,
    IReadOnlyList<AnswerCall> Calls,
    string FinishReason,
    SimulatedUsage Usage)
{
    public int Length => Reasoning.Length + Content.Length + Calls.Sum(call => call.Arguments.Length);
}

internal sealed record AnswerCall(string Id, string Name, string Arguments);
