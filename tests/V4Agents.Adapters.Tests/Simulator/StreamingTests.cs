using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class StreamingTests
{
    [Fact]
    public async Task Stream_WhenATurnThinksSpeaksAndCalls_HasTheLayoutOfTheApi()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var (_, raw) = await simulator.PostAsync(Solver().With("stream", true));

        var frames = raw.Split("\n\n");
        Assert.Equal(("data: [DONE]", ""), (frames[^2], frames[^1]));
        Assert.All(frames[..^1], frame => Assert.StartsWith("data: ", frame));
        var chunks = frames[..^2].Select(frame => JsonNode.Parse(frame["data: ".Length..])!).ToList();
        Assert.Single(chunks.Select(chunk => (chunk["id"]!.ToString(), chunk["created"]!.ToString(), chunk["object"]!.ToString())).Distinct());
        Assert.All(chunks[..^1], chunk => Assert.False(chunk.AsObject().ContainsKey("usage")));
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["choices"]![0]!["finish_reason"]));

        var deltas = chunks.Select(chunk => chunk["choices"]![0]!["delta"]!.ToJsonString()).ToList();
        var (first, second) = (CallId(deltas, 0), CallId(deltas, 1));
        Assert.Equal(
            [
                """{"role":"assistant","content":""}""",
                """{"content":null,"reasoning_content":"I should look at the fil"}""",
                """{"content":null,"reasoning_content":"es in the repository fir"}""",
                """{"content":null,"reasoning_content":"st."}""",
                """{"content":"Looking.","reasoning_content":null}""",
                $$$"""{"tool_calls":[{"index":0,"id":"{{{first}}}","type":"function","function":{"name":"bash","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{\u0022command\u0022:\u0022ls -la\u0022,\u0022tim"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"eout_seconds\u0022:5}"}}]}""",
                $$$"""{"tool_calls":[{"index":1,"id":"{{{second}}}","type":"function","function":{"name":"view","arguments":""}}]}""",
                """{"tool_calls":[{"index":1,"function":{"arguments":"{\u0022path\u0022:\u0022README.md\u0022}"}}]}""",
                """{"role":null,"content":""}""",
            ],
            deltas);
        Assert.Matches("^call_00_[0-9A-Za-z]{24}$", first);
        Assert.Matches("^call_01_[0-9A-Za-z]{24}$", second);

        Assert.Equal("tool_calls", chunks[^1]["choices"]![0]!["finish_reason"]!.GetValue<string>());

        // 51 bytes of reasoning; with content, names and arguments 127.
        var usage = chunks[^1]["usage"]!;
        Assert.Equal(13, usage["completion_tokens_details"]!["reasoning_tokens"]!.GetValue<int>());
        Assert.Equal(32, usage["completion_tokens"]!.GetValue<int>());
        Assert.Equal(usage["prompt_tokens"]!.GetValue<int>() + 32, usage["total_tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task Stream_WhenUsageIsIncluded_SaysNullUntilTheLastChunk()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var (_, raw) = await simulator.PostAsync(Solver().With("stream", true).With("stream_options", new JsonObject { ["include_usage"] = true }));

        var chunks = raw.Split("\n\n")[..^2].Select(frame => JsonNode.Parse(frame["data: ".Length..])!.AsObject()).ToList();
        Assert.All(chunks[..^1], chunk => Assert.True(chunk.TryGetPropertyValue("usage", out var usage) && usage is null));
        Assert.NotNull(chunks[^1]["usage"]);
    }

    [Fact]
    public async Task Stream_WhenTheFirstTokenIsLate_IsKeptAliveByComments()
    {
        var clock = new FakeTimeProvider();
        await using var simulator = await SimulatorClient.StartAsync("first_token_delay: 10s\n" + TwoTurns, clock: clock);

        using var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(": keep-alive", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stream_WhenTheTurnHasADelay_StandsStillInTheMiddleAndIsKeptAlive()
    {
        var clock = new FakeTimeProvider();
        await using var simulator = await SimulatorClient.StartAsync("delay: 2s\n" + TwoTurns, clock: clock);

        using var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var before = "";
        for (string? line; (line = await reader.ReadLineAsync(TestContext.Current.CancellationToken)) != ": keep-alive";)
        {
            before += line;
        }

        Assert.Contains("I should look at the fil", before);
        Assert.DoesNotContain("tool_calls", before);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WholeAnswer_WhenTheFirstTokenIsLate_BeginsWithEmptyLines()
    {
        var clock = new FakeTimeProvider();
        await using var simulator = await SimulatorClient.StartAsync("first_token_delay: 10s\n" + TwoTurns, clock: clock);

        using var response = await simulator.SendAsync(Solver().ToJsonString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        clock.Advance(TimeSpan.FromSeconds(10));

        var answer = JsonNode.Parse(await reader.ReadToEndAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("chat.completion", answer["object"]!.GetValue<string>());
    }

    [Fact]
    public async Task WholeAnswer_WhenAsked_HoldsReasoningContentAndCalls()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var choice = (await simulator.AnswerAsync(Solver()))["choices"]![0]!;

        Assert.Equal("tool_calls", choice["finish_reason"]!.GetValue<string>());
        Assert.Equal("Looking.", choice["message"]!["content"]!.GetValue<string>());
        Assert.Equal("I should look at the files in the repository first.", choice["message"]!["reasoning_content"]!.GetValue<string>());
        Assert.Equal(
            ["""{"command":"ls -la","timeout_seconds":5}""", """{"path":"README.md"}"""],
            choice["message"]!["tool_calls"]!.AsArray().Select(call => call!["function"]!["arguments"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Answer_WhenThinkingIsOff_HasNoReasoning()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var answer = await simulator.AnswerAsync(Solver().With("reasoning_effort", "none"));

        Assert.Null(answer["choices"]![0]!["message"]!["reasoning_content"]);
        Assert.Equal(0, answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!.GetValue<int>());
    }

    [Fact]
    public async Task Answer_WhenMaxTokensAreSmall_EndsWithLengthInsideTheReasoning()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var answer = await simulator.AnswerAsync(Solver().With("max_tokens", 5));

        var choice = answer["choices"]![0]!;
        Assert.Equal("length", choice["finish_reason"]!.GetValue<string>());
        Assert.Equal(("I should look at the", ""), (choice["message"]!["reasoning_content"]!.GetValue<string>(), choice["message"]!["content"]!.GetValue<string>()));
        Assert.Equal(5, answer["usage"]!["completion_tokens"]!.GetValue<int>());
    }

    private static string CallId(List<string> deltas, int index) => deltas
        .Select(delta => JsonNode.Parse(delta)!["tool_calls"]?[0])
        .First(call => call?["index"]?.GetValue<int>() == index && call["id"] is not null)!["id"]!.GetValue<string>();
}
