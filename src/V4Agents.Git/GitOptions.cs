using System.ComponentModel.DataAnnotations;

namespace V4Agents.Git;

public sealed class GitOptions
{
    public const string Section = "Git";

    /// <summary>Where the bare mirrors live. Default: <c>v4agents/mirrors</c> in the user's local application data.</summary>
    [Required]
    public string MirrorDirectory { get; set; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "v4agents", "mirrors");

    /// <summary>How long a remote may take to list its refs. Default: 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ListTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long one fetch, the first one included, may take before it is killed. Default: 30 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long writing out one diff may take. Default: 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DiffTimeout { get; set; } = TimeSpan.FromMinutes(2);
}
