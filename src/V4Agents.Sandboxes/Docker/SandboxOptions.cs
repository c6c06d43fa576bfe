using System.ComponentModel.DataAnnotations;

namespace V4Agents.Sandboxes.Docker;

public sealed class SandboxOptions
{
    public const string Section = "Sandbox";

    /// <summary>The image that sandboxes are made from, as <c>sandboxes/build.sh</c> prints it. No default.</summary>
    [Required(ErrorMessage = "Sandbox:Image is not set. Run ./v4 setup, which builds the sandbox image and sets it.")]
    public string Image { get; set; } = "";

    /// <summary>The engine's address. Default: the local socket.</summary>
    [Required]
    public string DockerHost { get; set; } = "unix:///var/run/docker.sock";

    /// <summary>Memory of one sandbox in MiB, its /tmp included; there is no swap. Default: 2048.</summary>
    [Range(128, 1_048_576)]
    public int MemoryMegabytes { get; set; } = 2048;

    /// <summary>Processors one sandbox may use. Default: 2.</summary>
    [Range(0.1, 256)]
    public double Cpus { get; set; } = 2;

    /// <summary>Processes and threads in one sandbox. Default: 512.</summary>
    [Range(64, 65_536)]
    public int Pids { get; set; } = 512;

    /// <summary>Size of /tmp in MiB. Default: 512.</summary>
    [Range(1, 1_048_576)]
    public int TmpMegabytes { get; set; } = 512;

    /// <summary>The largest single file a sandbox may write, in MiB. Default: 4096.</summary>
    [Range(1, 1_048_576)]
    public int FileMegabytes { get; set; } = 4096;

    /// <summary>How long a sandbox's runner may take to answer on a new connection. A container that stays silent three times counts as frozen and is
    /// restarted, which interrupts what runs in it. Default: 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
