using Docker.DotNet.Models;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

/// <summary>What a sandbox may do: everything untrusted runs inside these bounds.</summary>
internal static class ContainerProfile
{
    public const string TaskLabel = "v4.task";
    public const string InstanceLabel = "v4.instance";
    public const string SandboxLabel = "v4.sandbox";
    public const string EngineLabel = "v4.engine";
    public const string Runner = "/opt/v4/bin/v4-runner";
    public const string WorkDirectory = "/work";
    private const long Mebibyte = 1 << 20;

    public static CreateContainerParameters Of(SandboxSpec spec, SandboxOptions options)
    {
        var labels = new Dictionary<string, string>
        {
            [TaskLabel] = spec.Task.Value,
            [InstanceLabel] = spec.Instance,
            [SandboxLabel] = spec.Id.Value,
            [EngineLabel] = spec.Engine,
        };
        return new CreateContainerParameters
        {
            Name = spec.Id.Value,
            Image = options.Image,
            User = "1000:1000",
            WorkingDir = WorkDirectory,
            Entrypoint = [],
            Cmd = [Runner, "serve", "--lifetime", ((long)Math.Ceiling(spec.Lifetime.TotalSeconds)).ToString()],
            Labels = labels,
            HostConfig = new HostConfig
            {
                NetworkMode = "none",
                CapDrop = ["ALL"],
                SecurityOpt = ["no-new-privileges"],
                ReadonlyRootfs = true,
                Init = true,
                Memory = options.MemoryMegabytes * Mebibyte,
                MemorySwap = options.MemoryMegabytes * Mebibyte,
                NanoCPUs = (long)(options.Cpus * 1_000_000_000),
                PidsLimit = options.Pids,
                Ulimits =
                [
                    new Ulimit { Name = "nofile", Soft = 8192, Hard = 8192 },
                    new Ulimit { Name = "core", Soft = 0, Hard = 0 },
                    new Ulimit { Name = "fsize", Soft = options.FileMegabytes * Mebibyte, Hard = options.FileMegabytes * Mebibyte },
                ],
                Tmpfs = new Dictionary<string, string> { ["/tmp"] = $"rw,exec,nosuid,nodev,size={options.TmpMegabytes}m,mode=1777" },
                LogConfig = new LogConfig { Type = "none" },

                // A volume without a name: the engine removes it with the container.
                Mounts = [new Mount { Type = "volume", Target = WorkDirectory, VolumeOptions = new VolumeOptions { Labels = labels } }],
            },
        };
    }
}
