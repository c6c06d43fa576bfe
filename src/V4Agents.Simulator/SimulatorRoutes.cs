using System.Text.Json;
using V4Agents.Simulator.Protocol;
using V4Agents.Simulator.Requests;

namespace V4Agents.Simulator;

/// <summary>The addresses: the API's own, with and without <c>/v1</c>, and the simulator's under <c>/v4-simulator</c>.</summary>
internal static class SimulatorRoutes
{
    private const string Own = "/v4-simulator";

    public static bool IsOwn(PathString path) => path.StartsWithSegments(Own);

    public static void Map(
        IEndpointRouteBuilder routes, ChatEndpoint chat, RequestLog log, HoldGate gate, Outage outage, SimulatorOptions options)
    {
        foreach (var prefix in new[] { "", "/v1" })
        {
            routes.MapPost(prefix + "/chat/completions", chat.HandleAsync);
            routes.MapGet(prefix + "/models", http => SendAsync(http, options, Models()));
            routes.MapGet(prefix + "/user/balance", http => SendAsync(http, options, Balance()));
        }

        routes.MapGet(Own + "/requests", http => http.Response.WriteAsJsonAsync(
            http.Request.Query["bodies"] == "true" ? log.All : log.Brief, Json.Options, http.RequestAborted));
        routes.MapPost(Own + "/outage", http => BeginOutageAsync(http, outage));
        routes.MapPost(Own + "/release", http => http.Response.WriteAsJsonAsync(new { Released = gate.Release() }, Json.Options, http.RequestAborted));
    }

    private static async Task BeginOutageAsync(HttpContext http, Outage outage)
    {
        if (await SecondsAsync(http) is not { } seconds)
        {
            await ErrorResponse.WriteAsync(http, ApiError.Invalid($"expected {{\"seconds\": N}} with N from 0 to {Outage.MaxSeconds}"));
            return;
        }

        await http.Response.WriteAsJsonAsync(new { Until = outage.Begin(seconds) }, Json.Options, http.RequestAborted);
    }

    private static async Task<int?> SecondsAsync(HttpContext http)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body, default, http.RequestAborted);
            return body.RootElement.Member("seconds") is { ValueKind: JsonValueKind.Number } member && member.TryGetInt32(out var seconds)
                && seconds is >= 0 and <= Outage.MaxSeconds
                ? seconds
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task SendAsync(HttpContext http, SimulatorOptions options, object body) => KeyCheck.Check(http.Request, options.Key) is { } error
        ? ErrorResponse.WriteAsync(http, error)
        : http.Response.WriteAsJsonAsync(body, Json.Options, http.RequestAborted);

    private static object Models() => new { Object = "list", Data = ModelCatalog.Listed.Select(id => new { Id = id, Object = "model", OwnedBy = "deepseek" }) };

    private static object Balance() => new
    {
        IsAvailable = true,
        BalanceInfos = new[] { new { Currency = "USD", TotalBalance = "100.00", GrantedBalance = "0.00", ToppedUpBalance = "100.00" } },
    };
}
