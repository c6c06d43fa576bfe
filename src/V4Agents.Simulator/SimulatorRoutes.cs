using V4Agents.Simulator.Protocol;
using V4Agents.Simulator.Requests;

namespace V4Agents.Simulator;

/// <summary>The addresses: the API's own, with and without <c>/v1</c>, and the simulator's under <c>/sim</c>.</summary>
internal static class SimulatorRoutes
{
    public static void Map(IEndpointRouteBuilder routes, ChatEndpoint chat, RequestLog log, HoldGate gate, SimulatorOptions options)
    {
        foreach (var prefix in new[] { "", "/v1" })
        {
            routes.MapPost(prefix + "/chat/completions", chat.HandleAsync);
            routes.MapGet(prefix + "/models", http => SendAsync(http, options, Models()));
            routes.MapGet(prefix + "/user/balance", http => SendAsync(http, options, Balance()));
        }

        routes.MapGet("/sim/requests", http => http.Response.WriteAsJsonAsync(log.All, Json.Options, http.RequestAborted));
        routes.MapPost("/sim/release", http => http.Response.WriteAsJsonAsync(new { Released = gate.Release() }, Json.Options, http.RequestAborted));
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
