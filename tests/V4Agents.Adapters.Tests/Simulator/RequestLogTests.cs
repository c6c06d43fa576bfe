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

        var text = await simulator.Http.GetStringAsync("/sim/requests", TestContext.Current.CancellationToken);
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
    public async Task WaitFor_WhenTheRequestComesLater_EndsWithIt()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var waiting = simulator.Host.WaitForAsync(request => request.State == RequestState.Completed, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);

        await simulator.AnswerAsync(Solver());

        Assert.Equal(1, (await waiting).Turn);
    }
}
