using System.Net;
using System.Text.Json.Nodes;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text;
using V4Agents.Simulator;
using Xunit;

namespace V4Agents.Adapters.Tests.Simulator;

/// <summary>A simulator with one scenario and an HTTP client on it.</summary>
internal sealed class SimulatorClient : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private SimulatorClient(SimulatorHost host)
    {
        Host = host;
        Http = new HttpClient { BaseAddress = new Uri(host.Url) };
    }

    public SimulatorHost Host { get; }

    public HttpClient Http { get; }

    public static async Task<SimulatorClient> StartAsync(string scenario, string? key = null, TimeProvider? clock = null) => new(await SimulatorHost.StartAsync(
        new SimulatorOptions { ScenarioText = scenario, Key = key, Clock = clock ?? TimeProvider.System }, TestContext.Current.CancellationToken));

    public Task<HttpResponseMessage> SendAsync(string body, string path = "/chat/completions", CancellationToken? cancellationToken = null) => Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") },
        HttpCompletionOption.ResponseHeadersRead,
        cancellationToken ?? TestContext.Current.CancellationToken);

    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string body, string path = "/chat/completions")
    {
        using var response = await SendAsync(body, path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<(HttpStatusCode Status, string Body)> PostAsync(JsonNode body) => PostAsync(body.ToJsonString());

    /// <summary>Posts and reads the answer, which must be one.</summary>
    public async Task<JsonNode> AnswerAsync(JsonNode body)
    {
        var (status, answer) = await PostAsync(body);
        Assert.True(status == HttpStatusCode.OK, answer);
        return JsonNode.Parse(answer)!;
    }

    /// <summary>The envelope with all its members, in order.</summary>
    public static string Error(string message, string type = "invalid_request_error") => JsonSerializer.Serialize(
        new { error = new { message, type, param = (string?)null, code = "invalid_request_error" } }, Relaxed);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
    }
}
