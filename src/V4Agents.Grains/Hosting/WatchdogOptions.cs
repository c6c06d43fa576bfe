using System.ComponentModel.DataAnnotations;

namespace V4Agents.Grains.Hosting;

public sealed class WatchdogOptions
{
    public const string Section = "Watchdog";

    /// <summary>How long a task may record nothing, beyond what the step it is in may last, before it counts as standing still. Default: 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Threshold { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a model call may last. Default: 2 hours, the model client's own limit.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "12:00:00")]
    public TimeSpan ModelCall { get; set; } = TimeSpan.FromHours(2);
}
