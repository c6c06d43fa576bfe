namespace V4Agents.Grains.Tasks;

internal sealed class NoFaultPoints : IFaultPoints
{
    public void Reach(string point)
    {
    }
}
