using V4Agents.Core.Conversations;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Grains.Execution;

/// <summary>How far a running effect is, for whoever watches.</summary>
internal sealed class EffectProgress(Action<ModelProgress> model, Action<CallProgress> call) : IProgress<ModelProgress>, IProgress<CallProgress>
{
    public void Report(ModelProgress value) => model(value);

    public void Report(CallProgress value) => call(value);
}
