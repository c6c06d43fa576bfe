using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using V4Agents.Core.Repositories;
using V4Agents.Git.Commands;
using V4Agents.Git.Mirrors;
using V4Agents.Git.Patches;
using V4Agents.Git.Pushes;

namespace V4Agents.Git;

public static class GitServices
{
    /// <summary>Registers <see cref="IRepositories"/> over bare mirrors, configured by the section <c>Git</c>.</summary>
    public static IServiceCollection AddGitRepositories(this IServiceCollection services)
    {
        services.AddOptions<GitOptions>().BindConfiguration(GitOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GitProgram>();
        services.AddSingleton<Remotes>();
        services.AddSingleton<MirrorStore>();
        services.AddSingleton<MirrorUpdate>();
        services.AddSingleton<PatchDiff>();
        services.AddSingleton<RestoredTree>();
        services.AddSingleton<LocalPush>();
        services.AddSingleton<RemotePush>();
        services.AddSingleton<BranchPush>();
        services.AddSingleton<IRepositories, GitRepositories>();
        return services;
    }
}
