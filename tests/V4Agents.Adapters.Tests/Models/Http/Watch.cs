using V4Agents.Core.Conversations;

namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>Progress, kept and waited for. Unlike Progress&lt;T&gt; it reports on the calling thread, in order.</summary>
internal sealed class Watch : IProgress<ModelProgress>
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<ModelProgress> Seen { get; } = [];

    public Task FirstAsync() => _first.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Report(ModelProgress value)
    {
        Seen.Add(value);
        _first.TrySetResult();
    }
}
