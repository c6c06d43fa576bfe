using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using V4Agents.Core.Conversations;
using V4Agents.Models;
using Xunit;

namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>The model client as a host registers it, pointed at a scripted server, on a fake clock.</summary>
internal sealed class ModelHouse : IAsyncDisposable
{
    // Real time: a call that waits for the fake clock when the test does not expect it would wait for ever.
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(40);
    private readonly ServiceProvider _services;

    public ModelHouse(params (string Name, string Value)[] settings)
        : this(new ScriptedServer(), settings)
    {
    }

    private ModelHouse(ScriptedServer server, (string Name, string Value)[] settings)
    {
        Server = server;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Models:Url", server.Url)])
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Name, (string?)s.Value)))
            .Build();
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton<TimeProvider>(Time)
            .AddLogging(logging => logging.AddProvider(Logs).SetMinimumLevel(LogLevel.Trace))
            .AddDeepSeekModels()
            .BuildServiceProvider(validateScopes: true);
    }

    public ScriptedServer Server { get; }

    public SignallingTimeProvider Time { get; } = new();

    public CapturedLogs Logs { get; } = new();

    public IModelClient Client => _services.GetRequiredService<IModelClient>();

    public Task<ModelOutcome> AskAsync(IProgress<ModelProgress>? progress = null) =>
        CallAsync(progress ?? new Watch(), TestContext.Current.CancellationToken);

    public Task<ModelOutcome> AskUntilAsync(CancellationToken stop) => CallAsync(new Watch(), stop);

    public async Task<ModelOutcome.Reply> ReplyAsync() => Assert.IsType<ModelOutcome.Reply>(await AskAsync());

    public async Task<ModelOutcome.Failure> FailureAsync() => Assert.IsType<ModelOutcome.Failure>(await AskAsync());

    private Task<ModelOutcome> CallAsync(IProgress<ModelProgress> progress, CancellationToken cancellationToken) =>
        Client.CompleteAsync(
            new ModelRequest(ModelRole.Solver, [new ChatMessage.User("the secret plan")], [], 1_000), progress, cancellationToken)
            .WaitAsync(HangGuard, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
