using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using V4Agents.Simulator.Requests;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class FaultTests
{
    [Theory]
    [InlineData(401)]
    [InlineData(402)]
    [InlineData(422)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Status_WhenItMayStrikeTwice_GivesWayToTheAnswerAfterwards(int status)
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty($"{{ status: {status}, times: 2, retry_after: 3 }}"));

        using var first = await simulator.SendAsync(Solver().ToJsonString());
        var (second, body) = await simulator.PostAsync(Solver());

        Assert.Equal(((HttpStatusCode)status, (HttpStatusCode)status), (first.StatusCode, second));
        Assert.Equal(TimeSpan.FromSeconds(3), first.Headers.RetryAfter?.Delta);
        Assert.Equal(["message", "type", "param", "code"], JsonNode.Parse(body)!["error"]!.AsObject().Select(member => member.Key));
        await simulator.AnswerAsync(Solver());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cut_WhenTheAnswerIsUnderWay_BreaksTheConnection(bool stream)
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty("{ cut: true }"));
        var request = Solver().With("stream", stream).ToJsonString();

        using var response = await simulator.SendAsync(request);
        using var arrived = new MemoryStream();
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(arrived, TestContext.Current.CancellationToken));

        Assert.Contains("I should look at", Encoding.UTF8.GetString(arrived.ToArray()));
        Assert.Equal(RequestState.Cut, (await simulator.Host.WaitForAsync(seen => seen.State != RequestState.Answering, TestContext.Current.CancellationToken)).State);
        Assert.Equal(HttpStatusCode.OK, (await simulator.PostAsync(request)).Status);
    }

    [Fact]
    public async Task Cut_WhenItComesBeforeTheFirstCharacter_AnswersNothingAtAll()
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty("{ cut: true, at: 0 }"));

        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.SendAsync(Solver().With("stream", true).ToJsonString()));

        Assert.Equal(RequestState.Cut, Assert.Single(simulator.Host.Requests).State);
    }

    [Theory]
    [InlineData("{ hold: true }", ": keep-alive", 0)]
    [InlineData("{ hold: true, at: 24 }", "data: ", 2)]
    public async Task Hold_WhenReleased_GoesOn(string fault, string firstLine, int chunksBefore)
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty(fault));
        var cancellationToken = TestContext.Current.CancellationToken;
        using var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        await simulator.Host.WaitForAsync(request => request.State == RequestState.Held, cancellationToken);

        using var released = await simulator.Http.PostAsync("/v4-simulator/release", content: null, cancellationToken);

        Assert.Equal("""{"released":1}""", await released.Content.ReadAsStringAsync(cancellationToken));
        var raw = await reader.ReadToEndAsync(cancellationToken);
        Assert.StartsWith(firstLine, raw);
        Assert.Equal(chunksBefore, raw[..raw.IndexOf(": keep-alive", StringComparison.Ordinal)].Split("data: ").Length - 1);
        Assert.EndsWith("data: [DONE]\n\n", raw);
    }

    [Fact]
    public async Task Hold_WhenTheClientLeaves_IsLoggedAndDoesNotStrikeTheRepeatedCall()
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty("{ hold: true }"));
        var cancellationToken = TestContext.Current.CancellationToken;
        var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        await simulator.Host.WaitForAsync(request => request.State == RequestState.Held, cancellationToken);

        response.Dispose();
        var left = await simulator.Host.WaitForAsync(request => request.Disconnected, cancellationToken);

        Assert.Equal((1, 200, true, false), (left.Number, left.Status, left.Aborted, left.Answered));
        Assert.NotNull(left.EndedAt);
        Assert.Equal(0, simulator.Host.Release());
        var (_, raw) = await simulator.PostAsync(Solver().With("stream", true));
        Assert.EndsWith("data: [DONE]\n\n", raw);
    }

    [Fact]
    public async Task Hold_WhenTheSimulatorIsDisposed_EndsAtOnce()
    {
        var simulator = await SimulatorClient.StartAsync(Faulty("{ hold: true }"));
        using var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        await simulator.Host.WaitForAsync(request => request.State == RequestState.Held, TestContext.Current.CancellationToken);

        await simulator.Host.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Finish_WhenTheServerGivesUp_SaysSoAndHasNoCalls()
    {
        await using var simulator = await SimulatorClient.StartAsync(Faulty("{ finish_reason: insufficient_system_resource, at: 8 }"));

        var choice = (await simulator.AnswerAsync(Solver()))["choices"]![0]!;

        Assert.Equal("insufficient_system_resource", choice["finish_reason"]!.GetValue<string>());
        Assert.Equal("I should", choice["message"]!["reasoning_content"]!.GetValue<string>());
        Assert.Null(choice["message"]!["tool_calls"]);
    }

    private static string Faulty(string fault) => $$"""
        scenarios:
          - name: faulty
            solver:
              - reasoning: I should look at the files in the repository first.
                tool_calls: [{ name: bash, arguments: { command: ls } }]
                fault: {{fault}}
        """;
}
