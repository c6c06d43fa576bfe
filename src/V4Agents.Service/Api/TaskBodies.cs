using System.Text.Json;
using V4Agents.Client.Contract;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Api;

/// <summary>From our words to the contract's.</summary>
internal static class TaskBodies
{
    public static TaskBody ToBody(this TaskSummary task, LiveActivity? live = null) => new(
        task.Id.Value, task.Seq, task.Title, task.Repository, task.Ref, task.Commit, task.Workflow, task.Activity,
        task.Outcome?.Spelled(), task.Failure?.Spelled(), task.Message,
        task.Steps, task.PromptTokens, task.CacheHitTokens, task.OutputTokens, task.CostUsd, task.UnconfirmedUsd,
        new PatchBody(task.PatchFiles, task.PatchAdditions, task.PatchDeletions), task.ChecksPassed, task.Checks, task.CancelRequested, task.Finished,
        task.SubmittedAt, task.UpdatedAt, live?.ToBody());

    public static LiveBody ToBody(this LiveActivity live) => new(
        live.Activity, live.Since, live.ReasoningChars, live.ContentChars, live.OutputBytes, live.OutputTail);

    public static EventBody ToBody(this JournalEntry entry)
    {
        var name = EventCodec.NameOf(entry.Event);
        return new EventBody(entry.Seq, name.Kind, name.Version, entry.Event.At, JsonSerializer.Deserialize<JsonElement>(EventCodec.Encode(entry.Event)));
    }
}
