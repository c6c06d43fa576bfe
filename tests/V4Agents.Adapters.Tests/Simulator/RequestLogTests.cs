using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using V4Agents.Simulator.Requests;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class RequestLogTests
{
    [Fact]
    public async Task Log_WhenRequestsWereAnsweredAndRefused_ShowsThemWithTheirBodies()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns, key: "sk-secret-one");
        simulator.Http.DefaultRequestHeaders.Authorization = new("Bearer", "sk-secret-one");
        await simulator.AnswerAsync(Solver());
        await simulator.PostAsync(Solver().With("seed", 1));
        await simulator.PostAsync("nonsense");

        var text = await simulator.Http.GetStringAsync("/v4-simulator/requests?bodies=true", TestContext.Current.CancellationToken);
        var log = JsonNode.Parse(text)!.AsArray();

        Assert.Equal(["completed", "rejected", "rejected"], log.Select(entry => entry!["state"]!.GetValue<string>()));
        Assert.Equal([200, 400, 400], log.Select(entry => entry!["status"]!.GetValue<int>()));
        Assert.Equal(("solver", 1, 2, 2), (
            log[0]!["role"]!.GetValue<string>(), log[0]!["turn"]!.GetValue<int>(), log[0]!["messages"]!.GetValue<int>(), log[0]!["tools"]!.GetValue<int>()));
        Assert.Equal(log[0]!["usage"]!["completion_tokens"]!.GetValue<long>(), simulator.Host.Requests[0].Usage!.CompletionTokens);
        Assert.True(JsonNode.DeepEquals(Solver(), log[0]!["body"]));
        Assert.Equal("unsupported field `seed`", log[1]!["error"]!.GetValue<string>());
        Assert.Equal("nonsense", log[2]!["body"]!.GetValue<string>());
        Assert.DoesNotContain("sk-secret-one", text);
        Assert.All(simulator.Host.Requests, request => Assert.False(request.Disconnected));
    }

    [Fact]
    public async Task Log_WhenReadByAnotherProcess_TellsAnsweredFromAbortedWithoutBodies()
    {
        await using var simulator = await SimulatorClient.StartAsync("""
            scenarios:
              - { name: one, when: "[task-1]", solver: [{ content: one }] }
              - { name: two, when: "[task-2]", solver: [{ content: "two two two two", fault: { hold: true, at: 4 } }] }
            """);
        var (first, second) = (For("[task-1]"), For("[task-2]").With("stream", true));
        await simulator.AnswerAsync(first);
        await simulator.AnswerAsync(first);
        var left = await simulator.SendAsync(second.ToJsonString());
        await simulator.Host.WaitForAsync(request => request.State == RequestState.Held, TestContext.Current.CancellationToken);
        var open = await LogAsync(simulator);
        left.Dispose();
        await simulator.Host.WaitForAsync(request => request.Disconnected, TestContext.Current.CancellationToken);

        var log = await LogAsync(simulator);

        Assert.Null(open[2]!["ended_at"]);
        Assert.Equal([(true, false), (true, false), (false, true)], log.Select(entry => (entry!["answered"]!.GetValue<bool>(), entry["aborted"]!.GetValue<bool>())));
        Assert.Equal(["one", "one", "two"], log.Select(entry => entry!["scenario"]!.GetValue<string>()));
        Assert.All(log, entry => Assert.False(entry!.AsObject().ContainsKey("body")));
        Assert.All(log, entry => Assert.True(entry!["ended_at"]!.GetValue<DateTimeOffset>() >= entry["at"]!.GetValue<DateTimeOffset>()));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(first.ToJsonString())));
        Assert.Equal([true, true, false], log.Select(entry => entry!["body_sha256"]!.GetValue<string>() == hash));
        Assert.True(log[2]!["usage"]!["prompt_tokens"]!.GetValue<long>() > 0);
        Assert.Equal(0, log[0]!["usage"]!["cache_hit_tokens"]!.GetValue<long>());
    }

    [Fact]
    public async Task WaitFor_WhenTheRequestComesLater_EndsWithIt()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var waiting = simulator.Host.WaitForAsync(request => request.State == RequestState.Completed, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        await simulator.AnswerAsync(Solver());

        Assert.Equal(1, (await waiting).Turn);
    }

    private static JsonObject For(string marker) => Solver().With("messages", new JsonArray(Message("user", marker)));

    private static async Task<JsonArray> LogAsync(SimulatorClient simulator) =>
        JsonNode.Parse(await simulator.Http.GetStringAsync("/v4-simulator/requests", TestContext.Current.CancellationToken))!.AsArray();
}
