namespace V4Agents.Grains.Tasks;

/// <summary>
/// Named points where a proof of durability ends the process: <c>before-append:KIND</c>, <c>after-append:KIND</c>, <c>during:EFFECT</c> and
/// <c>after:EFFECT</c>.
/// </summary>
public interface IFaultPoints
{
    /// <summary>Returns at once, unless this is the point at which the process is to die.</summary>
    void Reach(string point);
}
