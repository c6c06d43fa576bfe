using V4Agents.Simulator.Caching;
using V4Agents.Simulator.Protocol;

namespace V4Agents.Simulator.Scenarios;

/// <summary>
/// Finds the turn that answers a request. It depends on nothing but the request, so that a call repeated after a crash gets the same answer.
/// </summary>
internal sealed class Script(IReadOnlyList<Scenario> scenarios)
{
    /// <summary>The role is a guess: whoever sends tools, or calls the large model, solves.</summary>
    public static string RoleOf(ChatRequest request) =>
        request.HasTools || ModelCatalog.Serving(request.Model) == ModelCatalog.Pro ? Scenario.Solver : Scenario.Triage;

    /// <summary>Null with the reason when the script has no answer.</summary>
    public Cue? Find(ChatRequest request, out ApiError? error)
    {
        var messages = request.Messages.ToList();
        var task = messages.Where(message => message.Text("role") == "user").Select(PromptRenderer.ContentOf).FirstOrDefault() ?? "";
        if (scenarios.FirstOrDefault(scenario => scenario.Fits(task)) is not { } found)
        {
            error = ApiError.Invalid("scenario: no scenario's `when` is in the first user message");
            return null;
        }

        var role = RoleOf(request);
        var number = messages.Count(message => message.Text("role") == "assistant") + 1;
        if (number > found.Roles[role].Count)
        {
            error = ApiError.Invalid($"scenario: no turn {number} of {role} in {found.Name}");
            return null;
        }

        var turn = found.Roles[role][number - 1];
        var latest = string.Join('\n', messages.Skip(messages.FindLastIndex(message => message.Text("role") == "assistant") + 1).Select(PromptRenderer.ContentOf));
        var missed = turn.Expect.FirstOrDefault(expectation => !expectation.Holds(latest));
        error = missed is null ? null : ApiError.Invalid($"scenario: expected {missed.Text} before turn {number} of {role} in {found.Name}");
        return missed is null ? new Cue(found.Name, role, number, task, turn) : null;
    }
}
