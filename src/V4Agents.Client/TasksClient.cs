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

    public async Task<SubmitResult> SubmitAsync(SubmitBody request, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "v1/tasks")
        {
            Content = JsonContent.Create(request, mediaType: null, ContractJson.Options),
        };
        if (idempotencyKey is not null)
        {
            message.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var response = await SendAsync(message, cancellationToken);
        return new SubmitResult(await BodyAsync<TaskBody>(response, cancellationToken), response.StatusCode == HttpStatusCode.Created);
    }

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

    public async Task<TaskBody> CancelAsync(string task, string? reason, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"{PathOf(task)}/cancel")
        {
            Content = JsonContent.Create(new CancelRequest(reason), mediaType: null, ContractJson.Options),
        };
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
