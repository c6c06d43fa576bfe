using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using V4Agents.Simulator.Requests;
using Xunit;
using static V4Agents.Adapters.Tests.Simulator.Requests;

namespace V4Agents.Adapters.Tests.Simulator;

public sealed class OutageTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Outage_WhileItLasts_ClosesConnectionsAndLogsNothing()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns, clock: _clock);
        Assert.Equal(HttpStatusCode.OK, await BeginAsync(simulator, """{"seconds": 60}"""));

        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.PostAsync(Solver()));
        await Assert.ThrowsAsync<HttpRequestException>(() => simulator.Http.GetStringAsync("/models", TestContext.Current.CancellationToken));
        Assert.Equal("[]", await simulator.Http.GetStringAsync("/v4-simulator/requests", TestContext.Current.CancellationToken));

        _clock.Advance(TimeSpan.FromSeconds(60));
        await simulator.AnswerAsync(Solver());
    }

    [Fact]
    public async Task Outage_WhenEndedEarly_IsOver()
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns, clock: _clock);
        await BeginAsync(simulator, """{"seconds": 60}""");

        await BeginAsync(simulator, """{"seconds": 0}""");

        await simulator.AnswerAsync(Solver());
    }

    [Fact]
    public async Task Outage_WhenAnAnswerIsUnderWay_BreaksItOff()
    {
        await using var simulator = await SimulatorClient.StartAsync("first_token_delay: 10s\n" + TwoTurns, clock: _clock);
        using var response = await simulator.SendAsync(Solver().With("stream", true).ToJsonString());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal(": keep-alive", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        await BeginAsync(simulator, """{"seconds": 60}""");

        _clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAnyAsync<IOException>(() => reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        var cut = await simulator.Host.WaitForAsync(request => request.State == RequestState.Cut, TestContext.Current.CancellationToken);
        Assert.True(cut.Aborted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"seconds": -1}""")]
    [InlineData("""{"seconds": 86401}""")]
    [InlineData("""{"seconds": 1.5}""")]
    [InlineData("""{"seconds": "5"}""")]
    public async Task Outage_WhenItsLengthMakesNoSense_IsRefused(string body)
    {
        await using var simulator = await SimulatorClient.StartAsync(TwoTurns);

        Assert.Equal(HttpStatusCode.BadRequest, await BeginAsync(simulator, body));
        await simulator.AnswerAsync(Solver());
    }

    private static async Task<HttpStatusCode> BeginAsync(SimulatorClient simulator, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await simulator.Http.PostAsync("/v4-simulator/outage", content, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
