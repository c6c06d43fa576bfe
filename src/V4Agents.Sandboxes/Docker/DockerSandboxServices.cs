using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

public static class DockerSandboxServices
{
    /// <summary>Registers <see cref="ISandboxes"/> on a Docker engine, configured by <see cref="SandboxOptions"/>.</summary>
    public static IServiceCollection AddDockerSandboxes(this IServiceCollection services)
    {
        services.AddOptions<SandboxOptions>().BindConfiguration(SandboxOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ISandboxes, DockerSandboxes>();
        return services;
    }
}
