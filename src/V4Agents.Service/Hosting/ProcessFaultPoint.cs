using System.Diagnostics;
using V4Agents.Grains.Tasks;

namespace V4Agents.Service.Hosting;

/// <summary>For proofs of durability: the process kills itself, without farewell, when a point is reached for the n-th time.</summary>
internal sealed class ProcessFaultPoint(string point, int times) : IFaultPoints
{
    /// <summary>A point that lies during an effect is a moment after its begin.</summary>
    private static readonly TimeSpan During = TimeSpan.FromMilliseconds(150);

    private int _reached;

    /// <param name="text"><c>POINT</c> or <c>POINT#N</c>.</param>
    /// <exception cref="ServiceStartException">It is not written like that.</exception>
    public static ProcessFaultPoint Parse(string text)
    {
        var parts = text.Split('#');
        var times = 1;
        return parts.Length <= 2 && (parts.Length == 1 || (int.TryParse(parts[1], out times) && times > 0)) && parts[0].Contains(':')
            ? new ProcessFaultPoint(parts[0], times)
            : throw new ServiceStartException("usage", $"V4_FAULT_POINT is '{text}'. Write it like after-append:tool_call.completed#2.");
    }

    public void Reach(string reached)
    {
        if (reached != point || Interlocked.Increment(ref _reached) != times)
        {
            return;
        }

        if (point.StartsWith("during:", StringComparison.Ordinal))
        {
            _ = Task.Delay(During).ContinueWith(_ => Die(), TaskScheduler.Default);
        }
        else
        {
            Die();
        }
    }

    private static void Die()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
