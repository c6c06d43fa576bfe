using System.Net;
using System.Text.Json.Nodes;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class RejectionTests
{
    private const string ReasoningMissing = "The `reasoning_content` in the thinking mode must be passed back to the API.";
    private const string Insufficient =
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        + "(insufficient tool messages following tool_calls message)";
    private const string Orphan = "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'";
    private const string Choice = "Thinking mode does not support this tool_choice";

    private static readonly Dictionary<string, (int Status, string Message, Func<JsonObject> Body)> Broken = new()
    {
        ["no model"] = (400, "missing field `model`", () => Solver().Without("model")),
        ["no messages"] = (400, "missing field `messages`", () => Solver().Without("messages")),
        ["empty messages"] = (400, "Empty input messages", () => Solver().With("messages", new JsonArray())),
        ["unknown model"] = (400, "Model Not Exist: gpt-9", () => Solver().With("model", "gpt-9")),
        ["deprecated model"] = (400, "Model Not Exist: deepseek-chat was retired, use deepseek-flash or deepseek-v4-pro", () => Solver().With("model", "deepseek-chat")),
        ["unknown role"] = (
            400, "messages[1].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`, `latest_reminder`",
            () => Solver().With("messages", new JsonArray(Message("user", "a"), Message("developer", "b")))),
        ["one result of two"] = (400, Insufficient, () => Solver(Calling("call_a", "call_b"), Result("call_a", "ok"), Message("user", "go on"))),
        ["no result at the end"] = (400, Insufficient, () => Solver(Calling("call_a"))),
        ["system between call and result"] = (400, Insufficient, () => Solver(Calling("call_a"), Message("system", "note"), Result("call_a", "ok"))),
        ["result without call"] = (400, Orphan, () => Solver(Result("call_a", "ok"))),
        ["result given twice"] = (400, Orphan, () => Solver(Calling("call_a"), Result("call_a", "ok"), Result("call_a", "ok"))),
        ["reasoning absent"] = (400, ReasoningMissing, () => Solver(Message("assistant", "hello"), Message("user", "go on"))),
        ["reasoning null"] = (
            400, ReasoningMissing, () => Solver(Message("assistant", "hello").With("reasoning_content", null), Message("user", "go on"))),
        ["system last with tools"] = (400, ReasoningMissing, () => Solver(Message("system", "note"))),
        ["forced choice"] = (400, Choice, () => Solver().With("tool_choice", "required")),
        ["named choice"] = (
            400, Choice,
            () => Solver().With("tool_choice", new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = "bash" } })),
        ["thinking max"] = (
            400, "thinking.type: unknown variant `max`, expected `enabled` or `disabled`", () => Solver().With("thinking", new JsonObject { ["type"] = "max" })),
        ["bad tool name"] = (
            400, "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{1,64}$'.",
            () => Solver().With("tools", new JsonArray(Tool("run it")))),
        ["too many tools"] = (
            400, "Invalid 'tools': array too long. Expected at most 128 tools, got 129",
            () => Solver().With("tools", new JsonArray([.. Enumerable.Range(0, 129).Select(i => (JsonNode)Tool($"tool_{i}"))]))),
        ["arguments not JSON"] = (
            400, "messages[2].tool_calls[0].function.arguments: not valid JSON", () =>
            {
                var calling = Calling("call_a");
                calling["tool_calls"]![0]!["function"]!["arguments"] = "{\"command\": ls}";
                return Solver(calling, Result("call_a", "ok"));
            }
        ),
        ["assistant without anything"] = (
            400, "Invalid assistant message: content or tool_calls must be set",
            () => Solver(new JsonObject { ["role"] = "assistant", ["reasoning_content"] = "" }, Message("user", "go on"))),
        ["context overflow"] = (
            400,
            "This model's maximum context length is 1048576 tokens. However, you requested 1049215 tokens (1048215 in the messages, 1000 in the completion). "
            + "Please reduce the length of the messages or completion.",
            () => Solver().Without("tools").With("max_tokens", 1000)
                .With("messages", new JsonArray(Message("user", new string('x', 4 * 1_048_215 - Overhead))))),
        ["unknown effort"] = (
            422, "Invalid reasoning_effort \"extreme\", expected one of none, minimal, low, medium, high, xhigh, max, ultra",
            () => Solver().With("reasoning_effort", "extreme")),
        ["max_tokens zero"] = (422, "Invalid max_tokens value, the valid range of max_tokens is [1, 393216]", () => Solver().With("max_tokens", 0)),
        ["max_tokens too large"] = (422, "Invalid max_tokens value, the valid range of max_tokens is [1, 393216]", () => Solver().With("max_tokens", 393_217)),
        ["temperature"] = (422, "Invalid temperature value, the valid range of temperature is [0, 2]", () => Solver().With("temperature", 2.1)),
        ["options without stream"] = (
            400, "The stream options should be set along with stream = true",
            () => Solver().With("stream_options", new JsonObject { ["include_usage"] = true })),
        ["n"] = (400, "unsupported field `n`", () => Solver().With("n", 1)),
        ["seed"] = (400, "unsupported field `seed`", () => Solver().With("seed", 1)),
        ["parallel_tool_calls"] = (400, "unsupported field `parallel_tool_calls`", () => Solver().With("parallel_tool_calls", true)),
        ["max_completion_tokens"] = (400, "unsupported field `max_completion_tokens`", () => Solver().With("max_completion_tokens", 5)),
        ["member of a message"] = (
            400, "unsupported field `messages[2].cache_control`", () => Solver(Message("user", "a").With("cache_control", "x"))),
    };

    /// <summary>Bytes the rendered prompt has beside the text of its only user message.</summary>
    private const int Overhead = 34;

    public static TheoryData<string> Names => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Request_WhenItBreaksARule_IsRefusedWithTheExactBody(string name)
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var (status, message, body) = Broken[name];

        Assert.Equal(((HttpStatusCode)status, SimulatorClient.Error(message)), await simulator.PostAsync(body()));
    }

    [Fact]
    public async Task Request_WhenReasoningIsMissing_GetsTheBodyOfTheReferenceByteForByte()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var (_, body) = await simulator.PostAsync(Solver(Message("assistant", "hello"), Message("user", "go on")));

        Assert.Equal(
            """{"error":{"message":"The `reasoning_content` in the thinking mode must be passed back to the API.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
            body);
    }

    [Fact]
    public async Task Request_WhenItIsNotJson_Is400()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        var (status, body) = await simulator.PostAsync("{\"model\":");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("Failed to parse the request body as JSON: ", JsonNode.Parse(body)!["error"]!["message"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/chat/completions", "Bearer sk-wrong", "Authentication Fails, Your api key: ****rong is invalid")]
    [InlineData("/v1/chat/completions", null, "Authentication Fails (auth header format should be Bearer sk-...)")]
    public async Task Request_WhenTheKeyIsBad_Is401(string path, string? authorization, string message)
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns, key: "sk-right");
        simulator.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);

        Assert.Equal(
            (HttpStatusCode.Unauthorized, SimulatorClient.Error(message, "authentication_error")), await simulator.PostAsync(Solver().ToJsonString(), path));
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("none")]
    public async Task Request_WhenItKeepsTheRules_IsAnswered(string choice)
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        await simulator.AnswerAsync(Solver(Calling("call_a", "call_b"), Result("call_b", "ok"), Result("call_a", "ok")).With("tool_choice", choice));
    }

    [Fact]
    public async Task Reasoning_WhenNoToolsAreSentOrThinkingIsOff_IsNotAskedFor()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        JsonObject History() => Solver(Message("assistant", "hello"), Message("user", "go on"));

        await simulator.AnswerAsync(History().Without("tools"));
        await simulator.AnswerAsync(History().Without("reasoning_effort").With("thinking", new JsonObject { ["type"] = "disabled" }));
    }

    [Fact]
    public async Task ModelsAndBalance_WhenAsked_AreAnswered()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var cancellationToken = TestContext.Current.CancellationToken;

        Assert.Equal(
            """{"object":"list","data":[{"id":"deepseek-flash","object":"model","owned_by":"deepseek"},{"id":"deepseek-v4-pro","object":"model","owned_by":"deepseek"}]}""",
            await simulator.Http.GetStringAsync("/models", cancellationToken));
        Assert.Equal(
            """{"is_available":true,"balance_infos":[{"currency":"USD","total_balance":"100.00","granted_balance":"0.00","topped_up_balance":"100.00"}]}""",
            await simulator.Http.GetStringAsync("/user/balance", cancellationToken));
    }
}
