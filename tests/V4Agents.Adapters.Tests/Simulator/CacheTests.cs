using System.Text.Json.Nodes;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class CacheTests
{
    private static JsonObject LongTask() => Solver(Message("user", new string('x', 4000)));

    [Fact]
    public async Task Hit_WhenAConversationOnlyGrows_CoversItsInputAndOutput()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var first = LongTask();
        var answer = await simulator.AnswerAsync(first);
        Assert.Equal(0, Hit(answer));

        var second = await simulator.AnswerAsync(Continue(first, answer, new string('y', 4000)));

        // The unit at the end of the first output: prompt and completion of the first call, give or take the marks around messages.
        var known = Usage(answer, "total_tokens");
        Assert.InRange(Hit(second), known - 128, known + 32);
        Assert.Equal(0, Hit(second) % 128);
        Assert.Equal(Usage(second, "prompt_tokens"), Hit(second) + Usage(second, "prompt_cache_miss_tokens"));
        Assert.Equal(Hit(second), second["usage"]!["prompt_tokens_details"]!["cached_tokens"]!.GetValue<long>());
    }

    [Fact]
    public async Task Hit_WhenACallIsRepeated_CoversTheWholeInput()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var tokens = Usage(await simulator.AnswerAsync(LongTask()), "prompt_tokens");

        Assert.Equal(tokens / 128 * 128, Hit(await simulator.AnswerAsync(LongTask())));
    }

    public static TheoryData<string> Changes => ["first byte", "tools", "effort", "user", "model", "reasoning"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Hit_WhenSomethingBeforeChanges_IsNone(string change)
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);
        var first = Solver(Calling("call_a"), Result("call_a", new string('x', 4000)));
        await simulator.AnswerAsync(first);
        var second = (JsonObject)first.DeepClone();
        switch (change)
        {
            case "first byte":
                second["messages"]![0]!["content"] = "you repair software.";
                break;
            case "tools":
                second["tools"] = new JsonArray(Tool("view"), Tool("bash"));
                break;
            case "effort":
                second["reasoning_effort"] = "high";
                break;
            case "user":
                second["user_id"] = "somebody-else";
                break;
            case "model":
                second["model"] = "deepseek-flash";
                break;
            default:
                second["messages"]![2]!["reasoning_content"] = "";
                break;
        }

        Assert.Equal(0, Hit(await simulator.AnswerAsync(second)));
    }

    private static long Hit(JsonNode answer) => Usage(answer, "prompt_cache_hit_tokens");

    private static long Usage(JsonNode answer, string name) => answer["usage"]![name]!.GetValue<long>();
}
