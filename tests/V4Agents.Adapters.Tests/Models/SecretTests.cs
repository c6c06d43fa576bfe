using Microsoft.Extensions.Logging;
using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Models;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class SecretTests
{
    private const string Key = "sk-0123456789abcdef";

    [Fact]
    public async Task Key_WhenTheServerRepeatsIt_IsSentAndShownNowhere()
    {
        await using var house = new ModelHouse(("Models:Key", Key));
        house.Server.Then(exchange => exchange.SendWholeAsync($$$"""{"error":{"message":"key {{{Key}}} is wrong"}}""", status: "401 No"));

        var failure = await house.FailureAsync();

        Assert.Contains($"Authorization: Bearer {Key}", Assert.Single(house.Server.Requests).Head);
        Assert.Contains("\"key [key] is wrong\"", failure.Message);
        Assert.NotEmpty(house.Logs.Lines);
        Assert.DoesNotContain(house.Logs.Lines, line => line.Text.Contains(Key, StringComparison.Ordinal));
        Assert.DoesNotContain(Key, new ModelOptions { Key = Key }.ToString());
    }

    [Fact]
    public async Task Texts_WhenLogged_AreAtTraceOnlyAndNumbersAbove()
    {
        await using var house = new ModelHouse();
        house.Server.Then(exchange => exchange.SendWholeAsync(
            Frames.Content("the secret answer") + Frames.End("stop", """{"prompt_tokens":11,"completion_tokens":5}"""), "text/event-stream"));

        await house.ReplyAsync();

        Assert.Contains(house.Logs.Lines, line => line.Level == LogLevel.Trace && line.Text.Contains("the secret plan", StringComparison.Ordinal));
        Assert.Contains(house.Logs.Lines, line => line.Level == LogLevel.Trace && line.Text.Contains("the secret answer", StringComparison.Ordinal));
        Assert.DoesNotContain(house.Logs.Lines, line => line.Level > LogLevel.Trace && line.Text.Contains("secret", StringComparison.Ordinal));
        Assert.Contains(house.Logs.Lines, line => line is { Level: LogLevel.Information, Text: var text }
            && text.Contains("(request req-1)", StringComparison.Ordinal) && text.Contains("11 miss, 5 output", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Loopback_WhenNoKeyIsSet_IsCalledWithoutOne()
    {
        await using var house = new ModelHouse(("Models:Stream", "true"));
        house.Server.Then(exchange => exchange.SendWholeAsync(Frames.Content("a") + Frames.End() + Frames.Done, "text/event-stream"));

        await house.ReplyAsync();

        Assert.DoesNotContain("Authorization", Assert.Single(house.Server.Requests).Head);
    }
}
