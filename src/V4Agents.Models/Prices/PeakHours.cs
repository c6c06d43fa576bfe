namespace V4Agents.Models.Prices;

/// <summary>When calls cost double. Days are Beijing days; a window includes its first instant and not its last.</summary>
internal sealed record PeakHours(
    IReadOnlyList<PeakHours.Window> WindowsUtc, DateOnly WeekdaysOnlyFrom, IReadOnlyList<PeakHours.Days> Holidays)
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    public bool Contains(DateTimeOffset at)
    {
        var time = TimeOnly.FromTimeSpan(at.UtcDateTime.TimeOfDay);
        if (!WindowsUtc.Any(window => window.From <= time && time < window.To))
        {
            return false;
        }

        var day = DateOnly.FromDateTime(at.ToOffset(Beijing).DateTime);
        return day < WeekdaysOnlyFrom
            || (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !Holidays.Any(h => h.From <= day && day <= h.To));
    }

    internal sealed record Window(TimeOnly From, TimeOnly To);

    /// <summary>Both ends included.</summary>
    internal sealed record Days(DateOnly From, DateOnly To);
}
