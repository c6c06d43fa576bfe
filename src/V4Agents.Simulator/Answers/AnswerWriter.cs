using System.Text;
using System.Text.Json.Nodes;
using V4Agents.Simulator.Protocol;
using V4Agents.Simulator.Requests;
using V4Agents.Simulator.Scenarios;

namespace V4Agents.Simulator.Answers;

/// <summary>Sends one answer, with its delays, its keep-alives and its fault.</summary>
internal sealed class AnswerWriter(HttpContext http, LoggedRequest logged, HoldGate gate, Outage outage, SimulatorOptions options)
{
    private readonly CancellationToken _gone = http.RequestAborted;

    /// <summary>Comment lines in a stream, empty lines before a whole body.</summary>
    private string _keepAlive = ": keep-alive\n\n";

    /// <exception cref="CutException">The fault breaks the connection.</exception>
    public async Task StreamAsync(AnswerJson json, Answer answer, Turn turn, Fault? fault)
    {
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        var breakAt = fault switch
        {
            { Kind: FaultKind.Cut } => fault.At ?? answer.Length / 2,
            { Kind: FaultKind.Hold } => fault.At ?? 0,
            _ => int.MaxValue,
        };
        var sent = 0;
        var restAt = turn.Delay > TimeSpan.Zero ? answer.Length / 2 : int.MaxValue;

        await DelayAsync(turn.FirstTokenDelay);
        foreach (var (chunk, characters) in json.Chunks())
        {
            if (sent >= restAt)
            {
                restAt = int.MaxValue;
                await DelayAsync(turn.Delay);
            }

            if (sent >= breakAt)
            {
                if (fault is { Kind: FaultKind.Cut })
                {
                    throw Broken();
                }

                await HoldAsync();
                breakAt = int.MaxValue;
            }

            await WriteAsync($"data: {chunk.ToJsonString(Json.Options)}\n\n");
            sent += characters;
            if (turn.ChunkDelay > TimeSpan.Zero)
            {
                await Task.Delay(turn.ChunkDelay, options.Clock, _gone);
            }
        }

        await WriteAsync("data: [DONE]\n\n");
    }

    /// <exception cref="CutException">The fault breaks the connection.</exception>
    public async Task WriteWholeAsync(JsonObject whole, Turn turn, Fault? fault)
    {
        http.Response.ContentType = "application/json";
        _keepAlive = "\n";
        await DelayAsync(turn.FirstTokenDelay + turn.Delay);
        if (fault is { Kind: FaultKind.Hold })
        {
            await HoldAsync();
        }

        var body = whole.ToJsonString(Json.Options);
        if (fault is { Kind: FaultKind.Cut })
        {
            await WriteAsync(body[..(body.Length / 2)]);
            throw new CutException();
        }

        await WriteAsync(body);
    }

    private CutException Broken()
    {
        if (!http.Response.HasStarted)
        {
            // The server would make an error status of the exception.
            http.Abort();
        }

        return new CutException();
    }

    private async Task DelayAsync(TimeSpan delay)
    {
        if (delay > TimeSpan.Zero)
        {
            await WaitAsync(Task.Delay(delay, options.Clock, _gone));
        }
    }

    private async Task HoldAsync()
    {
        var place = gate.Enter();
        try
        {
            logged.Enter(RequestState.Held);
            await WaitAsync(place.Task);
            logged.Enter(RequestState.Answering);
        }
        finally
        {
            gate.Leave(place);
        }
    }

    private async Task WaitAsync(Task end)
    {
        do
        {
            await WriteAsync(_keepAlive);
            await Task.WhenAny(end, Task.Delay(options.KeepAliveInterval, options.Clock, _gone));
            _gone.ThrowIfCancellationRequested();
        }
        while (!end.IsCompleted);
    }

    private async Task WriteAsync(string text)
    {
        if (outage.IsOn)
        {
            throw Broken();
        }

        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), _gone);
        await http.Response.Body.FlushAsync(_gone);
        _gone.ThrowIfCancellationRequested();
    }
}
