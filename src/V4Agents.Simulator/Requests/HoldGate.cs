namespace V4Agents.Simulator.Requests;

/// <summary>Where held answers wait for their release.</summary>
internal sealed class HoldGate
{
    private readonly Lock _gate = new();
    private readonly HashSet<TaskCompletionSource> _held = [];

    /// <returns>Completes when released; the caller stops waiting by itself when its client has gone, and then says so with <see cref="Leave"/>.</returns>
    public TaskCompletionSource Enter()
    {
        var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _held.Add(place);
        }

        return place;
    }

    public void Leave(TaskCompletionSource place)
    {
        lock (_gate)
        {
            _held.Remove(place);
        }
    }

    /// <returns>How many answers go on.</returns>
    public int Release()
    {
        TaskCompletionSource[] held;
        lock (_gate)
        {
            held = [.. _held];
            _held.Clear();
        }

        foreach (var place in held)
        {
            place.SetResult();
        }

        return held.Length;
    }
}
