using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly.Timeout;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

/// <summary>The chat completions format over HTTP.</summary>
internal sealed partial class ChatClient(
    IHttpClientFactory http, IOptions<ModelOptions> options, TimeProvider time, ILogger<ChatClient> logger) : IModelClient
{
    private const int MaxErrorBody = 64 * 1024;
    private readonly ModelOptions _options = options.Value;
    private readonly Endpoint _endpoint = new(options.Value);
    private readonly Failures _failures = new(new Endpoint(options.Value));

    public string? Missing => _endpoint.Missing;

    public ModelProfile Profile(ModelRole role) => _options.Roles[role.ToString()].ToProfile();

    public Task<ModelOutcome.Reply?> RecoverAsync(ModelRequest request, CancellationToken cancellationToken) => Task.FromResult<ModelOutcome.Reply?>(null);

    public void Forget(string key)
    {
    }

    public ReadOnlyMemory<byte> Render(ModelRequest request) => ChatRequestWriter.Write(request, request.Profile ?? Profile(request.Role), _options.Stream);

    public async Task<ModelOutcome> CompleteAsync(
        ModelRequest request, IProgress<ModelProgress> progress, CancellationToken cancellationToken)
    {
        if (Missing is { } missing)
        {
            return _failures.KeyMissing(missing);
        }

        var profile = Profile(request.Role);
        var body = ChatRequestWriter.Write(request, profile, _options.Stream);
        var started = time.GetTimestamp();
        LogSending(logger, request.Role, profile.Model, profile.Effort, request.Messages.Count, body.Length);
        TraceText(body);

        var reply = new ReplyAssembly(profile.Model);
        using var clock = new CallClock(_options, time, cancellationToken);
        var reader = new ReplyReader(reply, _failures, TraceText, progress, clock);
        var outcome = await SendAsync(body, reply, reader, clock, cancellationToken);
        LogOutcome(outcome, request.Role, reply.Id, time.GetElapsedTime(started));
        return outcome;
    }

    private async Task<ModelOutcome> SendAsync(
        ReadOnlyMemory<byte> body, ReplyAssembly reply, ReplyReader reader, CallClock clock, CancellationToken cancellationToken)
    {
        var answered = false;
        try
        {
            using var client = http.CreateClient(Transport.ClientName);
            using var message = Message(body);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, clock.Token);
            answered = true;
            clock.Touch();
            return await ReadAsync(response, reader, clock);
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
            return _failures.Garbage("with something that is not HTTP");
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

    private async Task<ModelOutcome> ReadAsync(HttpResponseMessage response, ReplyReader reader, CallClock clock)
    {
        await using var body = await response.Content.ReadAsStreamAsync(clock.Token);
        if (!response.IsSuccessStatusCode)
        {
            var text = await ReadErrorAsync(body, clock);
            return _failures.Refused(response.StatusCode, text, Transport.RetryAfter(response, time));
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        switch (type)
        {
            case "text/event-stream":
                return await reader.ReadStreamAsync(body, clock.Token);
            case "application/json":
                return await reader.ReadJsonAsync(body, clock.Token);
        }

        // A server that says nothing of use about its answer may give a good one: its first character tells what it is.
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        await using var rest = pipe.AsStream();
        var first = await FirstAsync(pipe, clock);
        return type switch
        {
            _ when first == '{' => await reader.ReadJsonAsync(rest, clock.Token),
            null when _options.Stream => await reader.ReadStreamAsync(rest, clock.Token),
            null => await reader.ReadJsonAsync(rest, clock.Token),
            var other => _failures.Garbage($"with {other} instead of a reply"),
        };
    }

    /// <summary>The first byte that is not blank, which stays to be read; null when there is none.</summary>
    private static async Task<byte?> FirstAsync(PipeReader pipe, CallClock clock)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(clock.Token);
            clock.Touch();
            var bytes = new SequenceReader<byte>(read.Buffer);
            bytes.AdvancePastAny(" \t\r\n"u8);
            byte? first = bytes.TryPeek(out var found) ? found : null;
            pipe.AdvanceTo(bytes.Position);
            if (first is not null || read.IsCompleted)
            {
                return first;
            }
        }
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
