using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using V4Agents.Client.Contract;

namespace V4Agents.Client;

/// <summary>The service's tasks over HTTP. Every refusal is an <see cref="ApiException"/>.</summary>
/// <param name="http">Its base address is the service's; its timeout must be infinite, for event streams.</param>
public sealed class TasksClient(HttpClient http, TimeProvider clock)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(100);

    public Task<SubmitResult> SubmitAsync(SubmitBody request, string? idempotencyKey, CancellationToken cancellationToken) =>
        CreateAsync("v1/tasks", request, idempotencyKey, cancellationToken);

    /// <summary>A new task that goes on from a step of another, with its conversation and its files.</summary>
    public Task<SubmitResult> ForkAsync(string task, ForkBody request, string? idempotencyKey, CancellationToken cancellationToken) =>
        CreateAsync($"{PathOf(task)}/fork", request, idempotencyKey, cancellationToken);

    public Task<TaskPage> ListAsync(int limit, string? before, CancellationToken cancellationToken) =>
        GetAsync<TaskPage>($"v1/tasks?limit={limit}{(before is null ? "" : $"&before={Uri.EscapeDataString(before)}")}", cancellationToken);

    public Task<TaskBody> GetAsync(string task, CancellationToken cancellationToken) => GetAsync<TaskBody>(PathOf(task), cancellationToken);

    /// <summary>Follows a task until it has finished, through lost connections: each event after <paramref name="after"/> comes once, in order.</summary>
    public async IAsyncEnumerable<TaskUpdate> EventsAsync(string task, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = new EventStream(http, clock, $"{PathOf(task)}/events", after);
        await foreach (var update in stream.ReadAsync(cancellationToken))
        {
            yield return update;
        }
    }

    public Task<byte[]> PatchAsync(string task, CancellationToken cancellationToken) => BytesAsync($"{PathOf(task)}/patch", cancellationToken);

    public Task<byte[]> ReportAsync(string task, CancellationToken cancellationToken) => BytesAsync($"{PathOf(task)}/report", cancellationToken);

    public Task<byte[]> ReceiptAsync(string task, CancellationToken cancellationToken) => BytesAsync($"{PathOf(task)}/receipt", cancellationToken);

    /// <summary>Every model request of the task, made again from its journal.</summary>
    public Task<IReadOnlyList<ReplayedCallBody>> ReplayAsync(string task, CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<ReplayedCallBody>>($"{PathOf(task)}/replay", cancellationToken);

    /// <summary>The request body of the call that the event <paramref name="seq"/> began.</summary>
    public Task<byte[]> ReplayedBodyAsync(string task, long seq, CancellationToken cancellationToken) =>
        BytesAsync($"{PathOf(task)}/replay/{seq}", cancellationToken);

    /// <summary>Unfinished tasks without progress, and why.</summary>
    public Task<IReadOnlyList<StalledBody>> StalledAsync(CancellationToken cancellationToken) =>
        GetAsync<IReadOnlyList<StalledBody>>("v1/stalled", cancellationToken);

    public Task<TaskBody> CancelAsync(string task, string? reason, CancellationToken cancellationToken) =>
        ControlAsync(task, "cancel", new CancelRequest(reason), cancellationToken);

    public Task<TaskBody> PauseAsync(string task, string? reason, CancellationToken cancellationToken) =>
        ControlAsync(task, "pause", new PauseBody(reason), cancellationToken);

    public Task<TaskBody> ResumeAsync(string task, CancellationToken cancellationToken) => ControlAsync<object?>(task, "resume", null, cancellationToken);

    public Task<TaskBody> SayAsync(string task, string text, CancellationToken cancellationToken) =>
        ControlAsync(task, "say", new SayBody(text), cancellationToken);

    public Task<TaskBody> ApproveAsync(string task, bool approved, string? comment, int? number, CancellationToken cancellationToken) =>
        ControlAsync(task, "approve", new ApproveBody(approved, comment, number), cancellationToken);

    private async Task<SubmitResult> CreateAsync<T>(string path, T request, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request, mediaType: null, ContractJson.Options) };
        if (idempotencyKey is not null)
        {
            message.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await SendAsync(message, cancellationToken);
        return new SubmitResult(await BodyAsync<TaskBody>(response, cancellationToken), response.StatusCode == HttpStatusCode.Created);
    }

    private async Task<TaskBody> ControlAsync<T>(string task, string verb, T body, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{PathOf(task)}/{verb}");
        message.Content = body is null ? null : JsonContent.Create(body, mediaType: null, ContractJson.Options);
        using var response = await SendAsync(message, cancellationToken);
        return await BodyAsync<TaskBody>(response, cancellationToken);
    }

    private static string PathOf(string task) => $"v1/tasks/{Uri.EscapeDataString(task)}";

    private async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var response = await SendAsync(message, cancellationToken);
        return await BodyAsync<T>(response, cancellationToken);
    }

    private async Task<byte[]> BytesAsync(string path, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await SendAsync(message, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerWithin, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var response = await http.SendAsync(message, both.Token);
            await ApiProblem.ThrowIfRefusedAsync(response, cancellationToken);
            return response;
        }
        catch (HttpRequestException e)
        {
            throw ApiProblem.NoAnswer(http.BaseAddress, e.Message, e);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw ApiProblem.NoAnswer(http.BaseAddress, $"no answer within {AnswerWithin.TotalSeconds:0} s", e);
        }
    }

    private static async Task<T> BodyAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(ContractJson.Options, cancellationToken)
                ?? throw new JsonException("the answer is JSON null");
        }
        catch (JsonException e)
        {
            throw new ApiException("internal", $"The server's answer is not what this version of the client understands: {e.Message}", (int)response.StatusCode, e);
        }
    }
}
