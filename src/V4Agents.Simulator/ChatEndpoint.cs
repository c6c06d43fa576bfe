using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using V4Agents.Simulator.Answers;
using V4Agents.Simulator.Caching;
using V4Agents.Simulator.Protocol;
using V4Agents.Simulator.Requests;
using V4Agents.Simulator.Scenarios;

namespace V4Agents.Simulator;

/// <summary><c>POST /chat/completions</c>: check, find the turn, answer, and log all of it.</summary>
internal sealed class ChatEndpoint(Script script, PrefixCache cache, FaultCounter faults, HoldGate gate, Outage outage, RequestLog log, SimulatorOptions options)
{
    public async Task HandleAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        if (!await ReadAsync(http, body))
        {
            return;
        }

        var logged = log.Open(http.Request.Path, body.ToArray());
        try
        {
            if (await AnswerAsync(http, body.ToArray(), logged) is { } error)
            {
                logged.Update(request => request with { Status = error.Status, State = RequestState.Rejected, Error = error.Message });
                await ErrorResponse.WriteAsync(http, error);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            logged.Enter(RequestState.Disconnected);
        }
        catch (CutException)
        {
            logged.Enter(RequestState.Cut);
            throw;
        }
    }

    /// <returns>False when the client went away before it had sent everything: then there was no request.</returns>
    private static async Task<bool> ReadAsync(HttpContext http, Stream body)
    {
        try
        {
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException or BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest })
        {
            return false;
        }
    }

    /// <returns>Null when the answer is sent.</returns>
    private async Task<ApiError?> AnswerAsync(HttpContext http, byte[] body, LoggedRequest logged)
    {
        if (KeyCheck.Check(http.Request, options.Key) is { } refused)
        {
            return refused;
        }

        if (!TryParse(body, out var json, out var error) || ChatRequest.Read(json, out error) is not { } request)
        {
            return error;
        }

        logged.Update(entry => entry with
        {
            Model = request.Model,
            Role = Script.RoleOf(request),
            Messages = request.Messages.Count(),
            Tools = request.Body.Items("tools").Count(),
            Stream = request.Stream,
        });

        var prompt = PromptRenderer.Render(request);
        var promptTokens = TokenEstimate.OfBytes(prompt.End.Bytes);
        if (TokenEstimate.CheckWindow(promptTokens, request.MaxTokens) is { } tooLong)
        {
            return tooLong;
        }

        if (script.Find(request, out error) is not { } cue)
        {
            return error;
        }

        logged.Update(entry => entry with { Scenario = cue.Scenario, Turn = cue.Number });
        var fault = faults.Take(cue);
        if (fault is { Kind: FaultKind.Status })
        {
            if (fault.RetryAfterSeconds is { } seconds)
            {
                http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            }

            return ApiError.OfStatus(fault.Status);
        }

        var answer = AnswerBuilder.Build(request, cue, fault, promptTokens, cache.Hit(prompt));
        cache.Store(prompt);
        logged.Update(entry => entry with { Status = 200, State = RequestState.Answering, Usage = answer.Usage, FinishReason = answer.FinishReason });
        await SendAsync(http, request, cue.Turn, fault, answer, prompt, logged);
        return null;
    }

    private async Task SendAsync(
        HttpContext http, ChatRequest request, Turn turn, Fault? fault, Answer answer, PromptChain prompt, LoggedRequest logged)
    {
        var writer = new AnswerWriter(http, logged, gate, outage, options);
        var json = new AnswerJson(answer, options.Clock.GetUtcNow(), request.Thinking, request.IncludeUsage);
        await (request.Stream ? writer.StreamAsync(json, answer, turn, fault) : writer.WriteWholeAsync(json.Whole(), turn, fault));
        var calls = answer.Calls.Select(call => (call.Id, call.Name, call.Arguments));
        cache.Store(prompt.With(PromptRenderer.RenderAnswer(answer.Reasoning, answer.Content, calls, request)));
        logged.Enter(RequestState.Completed);
    }

    private static bool TryParse(byte[] body, out JsonElement json, out ApiError? error)
    {
        try
        {
            json = JsonElement.Parse(body);
            error = null;
            return true;
        }
        catch (JsonException e)
        {
            json = default;
            error = ApiError.Invalid($"Failed to parse the request body as JSON: {e.Message}");
            return false;
        }
    }
}
