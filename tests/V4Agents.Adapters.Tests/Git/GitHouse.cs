using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Repositories;
using V4Agents.Core.Tasks;
using V4Agents.Git;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

/// <summary>A temporary repository and the adapter over a mirror directory beside it.</summary>
internal sealed class GitHouse : IDisposable
{
    private readonly ServiceProvider _services;

    public GitHouse()
    {
        var settings = new Dictionary<string, string?> { ["Git:MirrorDirectory"] = Mirrors };
        _services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())
            .AddGitRepositories()
            .BuildServiceProvider();
    }

    public TempRepository Source { get; } = TempRepository.Create();

    public string Mirrors => Source.Beside("mirrors");

    public IRepositories Repositories => _services.GetRequiredService<IRepositories>();

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<PreparedRepository> ReadyAsync(string? reference = null, string? address = null)
    {
        var outcome = await Repositories.PrepareAsync(address ?? Source.Directory, reference, Cancel);
        return Assert.IsType<RepositoryOutcome.Ready>(outcome).Repository;
    }

    /// <summary>Both ways to ask must give the same answer.</summary>
    public async Task<RepositoryOutcome.Refused> RefusedAsync(FailureCode code, string address, string? reference = null)
    {
        var probed = await Repositories.ProbeAsync(address, reference, Cancel);
        var prepared = Assert.IsType<RepositoryOutcome.Refused>(await Repositories.PrepareAsync(address, reference, Cancel));
        Assert.Equal((code, code), (probed?.Code, prepared.Code));
        return prepared;
    }

    public string MirrorOf(RepositoryId id) => Path.Combine(Mirrors, id + ".git");

    public void Dispose()
    {
        _services.Dispose();
        Source.Dispose();
    }
}
