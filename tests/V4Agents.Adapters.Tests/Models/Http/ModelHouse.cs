using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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

    public static ModelRequest Request(string? key = null) =>
        new(ModelRole.Solver, [new ChatMessage.User("the secret plan")], [], 1_000) { Key = key };

    /// <summary>A call that has a name, so that its answer is kept.</summary>
    public Task<ModelOutcome> AskAsync(string key, IProgress<ModelProgress>? progress = null, CancellationToken? stop = null) =>
        Client.CompleteAsync(Request(key), progress ?? new Watch(), stop ?? TestContext.Current.CancellationToken)
            .WaitAsync(HangGuard, TestContext.Current.CancellationToken);

    public Task<ModelOutcome.Reply?> RecoverAsync(string key) => Client.RecoverAsync(Request(key), TestContext.Current.CancellationToken);

    /// <summary>What a host does first.</summary>
    public async Task StartAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
        {
            await service.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    private Task<ModelOutcome> CallAsync(IProgress<ModelProgress> progress, CancellationToken cancellationToken) =>
        Client.CompleteAsync(Request(), progress, cancellationToken)
            .WaitAsync(HangGuard, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
