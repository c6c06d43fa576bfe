using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace V4Agents.Simulator.Requests;

/// <summary>Every chat request in the order of arrival, and a signal whenever one changes.</summary>
internal sealed class RequestLog(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly List<SimulatedRequest> _requests = [];
    private TaskCompletionSource _changed = NewSignal();

    public IReadOnlyList<SimulatedRequest> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Without the bodies, which grow with every turn of every task.</summary>
    public IEnumerable<SimulatedRequest> Brief => All.Select(request => request with { Body = default });

    public LoggedRequest Open(string path, byte[] body)
    {
        var json = Parse(body);
        lock (_gate)
        {
            var request = new SimulatedRequest(
                _requests.Count + 1, clock.GetUtcNow(), path, Model: null, Role: null, Scenario: null, Turn: null, Messages: 0, Tools: 0, Stream: false,
                Status: 0, RequestState.Received, Error: null, FinishReason: null, Usage: null, Convert.ToHexStringLower(SHA256.HashData(body)), EndedAt: null, json);
            _requests.Add(request);
            Signal();
            return new LoggedRequest(this, request.Number);
        }
    }

    public void Update(int number, Func<SimulatedRequest, SimulatedRequest> change)
    {
        lock (_gate)
        {
            var changed = change(_requests[number - 1]);
            _requests[number - 1] = changed.State.IsFinal() ? changed with { EndedAt = changed.EndedAt ?? clock.GetUtcNow() } : changed;
            Signal();
        }
    }

    /// <summary>The first request that matches, now or later.</summary>
    public async Task<SimulatedRequest> WaitForAsync(Func<SimulatedRequest, bool> predicate, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_requests.FirstOrDefault(predicate) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(Encoding.UTF8.GetString(body));
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        _changed.SetResult();
        _changed = NewSignal();
    }
}
