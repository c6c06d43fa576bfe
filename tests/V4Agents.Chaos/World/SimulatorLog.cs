using System.Net.Http.Json;
using System.Text.Json;

namespace V4Agents.Chaos.World;

/// <summary>The addresses of a simulator that are not the model's: what it was asked, and its outages.</summary>
internal sealed class SimulatorLog(string url) : IDisposable
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http = new() { BaseAddress = new Uri(url) };

    public async Task<IReadOnlyList<SeenCall>> ReadAsync(CancellationToken cancellationToken) =>
        await _http.GetFromJsonAsync<List<SeenCall>>("v4-simulator/requests", Options, cancellationToken) ?? [];

    public async Task BeginOutageAsync(int seconds, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync("v4-simulator/outage", new { seconds }, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();
}
