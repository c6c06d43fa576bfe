using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Timeout;
using V4Agents.Core.Conversations;
using V4Agents.Models.Answers;

namespace V4Agents.Models.Wire;

/// <summary>The chat completions format over HTTP.</summary>
internal sealed partial class ChatClient(
    IHttpClientFactory http, IOptions<ModelOptions> options, AnswerStore answers, TimeProvider time, ILogger<ChatClient> logger) : IModelClient
{
    private const int MaxErrorBody = 64 * 1024;

    /// <summary>A call that fails sooner than this, before the server took it with a 200, was not worked on.</summary>
    private static readonly TimeSpan TimeToWork = TimeSpan.FromSeconds(10);

    private readonly ModelOptions _options = options.Value;
    private readonly Endpoint _endpoint = new(options.Value);
    private readonly Failures _failures = new(new Endpoint(options.Value));
    private readonly BodyReader _bodies = new(options.Value, new Failures(new Endpoint(options.Value)));

    public string? Missing => _endpoint.Missing;

    public ModelProfile Profile(ModelRole role) => _options.Roles[role.ToString()].ToProfile();

    public ReadOnlyMemory<byte> Render(ModelRequest request) => ChatRequestWriter.Write(request, request.Profile ?? Profile(request.Role), _options.Stream);

    public async Task<ModelOutcome> CompleteAsync(
        ModelRequest request, IProgress<ModelProgress> progress, CancellationToken cancellationToken)
    {
        if (Missing is { } missing)
        {
            return _failures.KeyMissing(missing);
        }

        var profile = request.Profile ?? Profile(request.Role);
        var body = Render(request);
        var started = time.GetTimestamp();
        using var answer = answers.Begin(request.Key);
        LogSending(logger, request.Role, profile.Model, profile.Effort, request.Messages.Count, body.Length);
        TraceText(body);

        var reply = new ReplyAssembly(profile.Model);
        using var clock = new CallClock(_options, time, cancellationToken);
        var reader = new ReplyReader(reply, _failures, TraceText, progress, clock);
        var outcome = await SendAsync(body, reply, reader, answer, clock, cancellationToken);
        if (outcome is ModelOutcome.Reply)
        {
            answer?.Keep();
        }
        else if (outcome is ModelOutcome.Failure failure && !clock.Accepted && time.GetElapsedTime(started) < TimeToWork)
        {
            // An endpoint that is down must not use up the budget of every task that waits for it.
            outcome = failure with { MayBeBilled = false };
        }

        LogOutcome(outcome, request.Role, reply.Id, time.GetElapsedTime(started));
        return outcome;
    }

    private async Task<ModelOutcome> SendAsync(
        ReadOnlyMemory<byte> body, ReplyAssembly reply, ReplyReader reader, AnswerFile? answer, CallClock clock, CancellationToken cancellationToken)
    {
        var answered = false;
        try
        {
            using var client = http.CreateClient(Transport.ClientName);
            using var message = Message(body);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, clock.Token);
            answered = true;
            clock.Touch();
            return await ReadAsync(response, reader, answer, clock);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (reply.Finished && IsEndOfExchange(exception))
        {
            // The answer is whole; only the farewell went missing.
            return reader.Whole();
        }
        catch (TimeoutRejectedException)
        {
            return _failures.Stalled(_options.StallTimeout);
        }
        catch (OperationCanceledException) when (clock.LimitReached)
        {
            return _failures.TooLong(_options.CallLimit);
        }
        catch (OperationCanceledException) when (clock.Stalled)
        {
            return _failures.Stalled(_options.StallTimeout);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            return _failures.Unreachable(HttpRequestError.ConnectionError);
        }
        catch (HttpRequestException exception) when (!answered && Transport.IsConnectFailure(exception))
        {
            return _failures.Unreachable(exception.HttpRequestError);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.InvalidResponse)
        {
            return _failures.NotHttp();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return _failures.CutOff(reply.Began);
        }
        catch (InvalidDataException)
        {
            return _failures.Garbage("with something that is not an event stream");
        }
    }

    private async Task<ModelOutcome> ReadAsync(HttpResponseMessage response, ReplyReader reader, AnswerFile? answer, CallClock clock)
    {
        await using var body = await response.Content.ReadAsStreamAsync(clock.Token);
        if (!response.IsSuccessStatusCode)
        {
            var text = await ReadErrorAsync(body, clock);
            return _failures.Refused(response.StatusCode, text, Transport.RetryAfter(response, time));
        }

        clock.Accepted = true;
        var type = response.Content.Headers.ContentType?.MediaType;
        return await _bodies.ReadAsync(type, answer?.Copying(body, type) ?? body, reader, clock);
    }

    // The status says what happened; a text that is cut or too long only leaves the quote out.
    private static async Task<ReadOnlyMemory<byte>> ReadErrorAsync(Stream body, CallClock clock)
    {
        try
        {
            return await BoundedBody.ReadAsync(body, MaxErrorBody, clock, clock.Token) ?? default;
        }
        catch (IOException)
        {
            return default;
        }
    }

    private HttpRequestMessage Message(ReadOnlyMemory<byte> body)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, _endpoint.ChatCompletions) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        message.Headers.Accept.ParseAdd(_options.Stream ? "text/event-stream" : "application/json");
        if (_endpoint.Key is { } key)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return message;
    }

    private static bool IsEndOfExchange(Exception exception) =>
        exception is IOException or HttpRequestException or OperationCanceledException;

    private void TraceText(ReadOnlyMemory<byte> text)
    {
        if (logger.IsEnabled(LogLevel.Trace))
        {
            LogText(logger, Encoding.UTF8.GetString(text.Span));
        }
    }

    private void LogOutcome(ModelOutcome outcome, ModelRole role, string? id, TimeSpan elapsed)
    {
        if (outcome is ModelOutcome.Reply { Usage: var usage } reply)
        {
            LogReply(logger, role, reply.ServedModel, id, elapsed, reply.Finish, usage.CacheHit, usage.CacheMiss, usage.Output, usage.Reasoning);
        }
        else if (outcome is ModelOutcome.Failure failure)
        {
            LogFailure(logger, role, failure.Kind, id, elapsed, failure.Message);
        }
    }
}
