using System.Net;
using System.Text.Json.Nodes;
using V4Agents.Simulator.Scenarios;
using V4Agents.Simulator;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class ScenarioTests
{
    [Fact]
    public async Task Turn_WhenTheCallIsRepeatedOnAnotherSimulator_IsTheSameAnswer()
    {
        string[] bodies = ["", "", ""];
        for (var i = 0; i < 2; i++)
        {
            await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
            bodies[i] = (await simulator.AnswerAsync(Solver()))["choices"]!.ToJsonString();
            bodies[2] = (await simulator.AnswerAsync(Solver()))["choices"]!.ToJsonString();
        }

        Assert.Equal(bodies[0], bodies[1]);
        Assert.Equal(bodies[0], bodies[2]);
    }

    [Fact]
    public async Task Turn_WhenAnswersAreInTheHistory_IsTheNextOne()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var body = Solver();
        var next = Continue(body, await simulator.AnswerAsync(body));

        var answer = await simulator.AnswerAsync(next);

        Assert.Equal("All is well.", answer["choices"]![0]!["message"]!["content"]!.GetValue<string>());
        Assert.Equal("stop", answer["choices"]![0]!["finish_reason"]!.GetValue<string>());
        Assert.Equal((HttpStatusCode.BadRequest, SimulatorClient.Error("scenario: no turn 3 of solver in two turns")), await simulator.PostAsync(Continue(next, answer)));
    }

    [Fact]
    public async Task Role_WhenFlashIsCalledWithoutTools_IsTriage()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var answer = await simulator.AnswerAsync(Solver().Without("tools").With("model", "deepseek-flash"));

        Assert.Equal("""{"kind":"bug"}""", answer["choices"]![0]!["message"]!["content"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("it is broken", "one")]
    [InlineData("it is slow", "two")]
    public async Task Scenario_WhenSeveralAreInTheFile_IsTheOneTheIssueNames(string issue, string expected)
    {
        await using var simulator = await SimulatorClient.StartAsync("""
            scenarios:
              - { name: one, when: broken, solver: [{ content: one }] }
              - { name: two, when: slow, solver: [{ content: two }] }
            """);

        var answer = await simulator.AnswerAsync(Solver().With("messages", new JsonArray(Message("user", issue))));

        Assert.Equal(expected, answer["choices"]![0]!["message"]!["content"]!.GetValue<string>());
        Assert.Equal(
            (HttpStatusCode.BadRequest, SimulatorClient.Error("scenario: no scenario's `when` is in the first user message")),
            await simulator.PostAsync(Solver().With("messages", new JsonArray(Message("user", "hello")))));
    }

    [Theory]
    [InlineData("3 passed", null)]
    [InlineData("3 failed", @"scenario: expected \d+ passed before turn 2 of solver in e")]
    public async Task Turn_WhenItExpectsSomething_LooksAtTheMessagesSinceTheLastAnswer(string result, string? refusal)
    {
        await using var simulator = await SimulatorClient.StartAsync("""
            scenarios:
              - name: e
                solver:
                  - { content: 9 passed, tool_calls: [{ name: bash }] }
                  - { content: fine, expect: [{ matches: '\d+ passed' }] }
            """);
        var body = Solver();
        var next = Continue(body, await simulator.AnswerAsync(body), result);

        var (status, answer) = await simulator.PostAsync(next);

        Assert.Equal(refusal is null ? HttpStatusCode.OK : HttpStatusCode.BadRequest, status);
        Assert.True(refusal is null || answer == SimulatorClient.Error(refusal), answer);
    }

    [Fact]
    public async Task Usage_WhenTheTurnOverridesIt_IsReportedAsWritten()
    {
        await using var simulator = await SimulatorClient.StartAsync("""
            scenarios:
              - name: u
                solver: [{ content: x, usage: { prompt_tokens: 900000, prompt_cache_hit_tokens: 1280, completion_tokens: 7, reasoning_tokens: 3 } }]
            """);

        var usage = (await simulator.AnswerAsync(Solver()))["usage"]!;

        Assert.Equal(
            (900_000, 1280, 898_720, 7),
            (usage["prompt_tokens"]!.GetValue<int>(), usage["prompt_cache_hit_tokens"]!.GetValue<int>(), usage["prompt_cache_miss_tokens"]!.GetValue<int>(),
                usage["completion_tokens"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("scenarios:\n  - name: a\n    solver:\n      - contents: x", "scenario line 4: unknown key 'contents'; known here: reasoning, content, tool_calls,")]
    [InlineData("scenarios:\n  - solver: []", "scenario line 2: 'name' is missing")]
    [InlineData("scenarios:\n  - name: a\n    name: b", "scenario line 3: ")]
    [InlineData("scenarios: []", "scenario line 1: 'scenarios' must list at least one scenario")]
    [InlineData("chunk_delay: soon\nscenarios: []", "scenario line 1: 'chunk_delay' must be a duration such as 250ms or 2s")]
    [InlineData("scenarios:\n  - name: a\n    solver:\n      - fault: { status: 418 }", "scenario line 4: a fault is one of status (401, 402, 422, 429, 500, 503)")]
    [InlineData("scenarios:\n  - name: a\n    solver:\n      - expect:\n          - { matches: '(' }", "scenario line 5: Invalid pattern")]
    public async Task Scenario_WhenTheFileIsWrong_IsRefusedWithTheLine(string text, string message)
    {
        var e = await Assert.ThrowsAsync<ScenarioException>(
            () => SimulatorHost.StartAsync(new SimulatorOptions { ScenarioText = text }, TestContext.Current.CancellationToken));

        Assert.StartsWith(message, e.Message);
    }
}
