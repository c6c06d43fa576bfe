using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using V4Agents.Adapters.Tests.Models.Http;
using V4Agents.Core.Conversations;
using V4Agents.Models;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class ModelOptionsTests
{
    [Theory]
    [InlineData(ModelRole.Solver, "deepseek-v4-pro", "max", 131_072)]
    [InlineData(ModelRole.Triage, "deepseek-flash", "none", 4_096)]
    [InlineData(ModelRole.Summarizer, "deepseek-flash", "none", 8_192)]
    [InlineData(ModelRole.Reviewer, "deepseek-flash", "high", 65_536)]
    public void Profile_WhenNothingIsConfigured_IsTheDefault(ModelRole role, string model, string effort, int maxOutputTokens)
    {
        using var services = Services();

        Assert.Equal(new ModelProfile(model, effort, maxOutputTokens), services.GetRequiredService<IModelClient>().Profile(role));
    }

    [Fact]
    public void Profile_WhenOneValueIsConfigured_KeepsTheOthers()
    {
        using var services = Services(("Models:Roles:SOLVER:Effort", "high"));

        Assert.Equal(
            new ModelProfile("deepseek-v4-pro", "high", 131_072), services.GetRequiredService<IModelClient>().Profile(ModelRole.Solver));
    }

    [Theory]
    [InlineData("Models:Roles:solver:Model", "deepseek-chat", "Use deepseek-flash with Effort none")]
    [InlineData("Models:Roles:solver:Model", "deepseek-reasoner", "Use deepseek-flash with Effort high")]
    [InlineData("Models:Roles:solver:Model", " ", "Model is empty")]
    [InlineData("Models:Roles:solver:Effort", "xhigh", "Use none, low, high or max")]
    [InlineData("Models:Roles:solver:MaxOutputTokens", "393217", "Use 1 to 393216")]
    [InlineData("Models:Roles:solver:MaxOutputTokens", "0", "Use 1 to 393216")]
    [InlineData("Models:Roles:poet:Model", "x", "poet is not a role")]
    [InlineData("Models:Url", "api.deepseek.com", "not an absolute http or https URL")]
    [InlineData("Models:Url", "ftp://a", "not an absolute http or https URL")]
    [InlineData("Models:Url", "https://me:hidden-key@a", "carries a user name")]
    [InlineData("Models:Url", "", "Url")]
    [InlineData("Models:Key", "hidden-key\n", "Models:Key holds white space")]
    [InlineData("Models:Retries", "11", "Retries")]
    [InlineData("Models:StallTimeout", "00:00:00", "StallTimeout")]
    [InlineData("Models:CallLimit", "13:00:00", "CallLimit")]
    public void Startup_WhenAValueIsWrong_StopsAndSaysWhich(string name, string value, string words)
    {
        using var services = Services((name, value));

        var exception = Assert.Throws<OptionsValidationException>(services.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain("hidden-key", exception.Message);
    }

    [Theory]
    [InlineData("deepseek-v4-flash")]
    [InlineData("my-own-finetune")]
    public void Startup_WhenAModelIsServedOrUnknown_Accepts(string model)
    {
        using var services = Services(("Models:Roles:solver:Model", model));

        services.GetRequiredService<IStartupValidator>().Validate();
        Assert.Equal(model, services.GetRequiredService<IModelClient>().Profile(ModelRole.Solver).Model);
    }

    [Fact]
    public void Missing_WhenARemoteEndpointHasNoKey_NamesEverythingThatHelps()
    {
        using var services = Services();

        var missing = services.GetRequiredService<IModelClient>().Missing;

        Assert.All(["api.deepseek.com", "V4_MODEL_KEY", "DEEPSEEK_API_KEY", "V4_MODEL_URL"], word => Assert.Contains(word, missing));
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000", null)]
    [InlineData("http://localhost:8000/v1", null)]
    [InlineData("http://[::1]:8000", "")]
    [InlineData("https://api.deepseek.com", "sk-1")]
    public void Missing_WhenLoopbackOrAKeyIsSet_IsNull(string url, string? key)
    {
        using var services = Services(("Models:Url", url), ("Models:Key", key));

        Assert.Null(services.GetRequiredService<IModelClient>().Missing);
    }

    [Theory]
    [InlineData("", "/chat/completions")]
    [InlineData("/", "/chat/completions")]
    [InlineData("/v1", "/v1/chat/completions")]
    [InlineData("/v1/", "/v1/chat/completions")]
    public async Task Call_WhateverTheUrlEndsWith_GoesToChatCompletions(string suffix, string target)
    {
        await using var server = new ScriptedServer();
        server.Then(exchange => exchange.SendWholeAsync(Frames.Content("a") + Frames.End() + Frames.Done, "text/event-stream"));
        using var services = Services(("Models:Url", server.Url + suffix));

        await services.GetRequiredService<IModelClient>().CompleteAsync(
            new ModelRequest(ModelRole.Triage, [new ChatMessage.User("x")], [], 10), new Watch(), TestContext.Current.CancellationToken);

        Assert.Equal(target, Assert.Single(server.Requests).Target);
    }

    private static ServiceProvider Services(params (string Name, string? Value)[] settings) => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, s.Value))).Build())
        .AddLogging()
        .AddDeepSeekModels()
        .BuildServiceProvider(validateScopes: true);
}
