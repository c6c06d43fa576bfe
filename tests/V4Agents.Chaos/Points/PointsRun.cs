using System.Diagnostics;
using V4Agents.Chaos.World;

namespace V4Agents.Chaos.Points;

/// <summary>The crash matrix: a run in which nothing dies, then one per point, in a few worlds side by side.</summary>
internal sealed class PointsRun(PointsOptions options, TextWriter output)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<PointResult> _results = [];
    private int _numbers;

    /// <returns>Whether every point held.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var directory = RunDirectory.Create();
        output.WriteLine($"everything of the run is in {directory.Path}");
        var clean = false;
        try
        {
            await using var house = await PointHouse.StartAsync(directory, cancellationToken);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.Limit);
            clean = await RunAsync(house, limit.Token);
        }
        finally
        {
            if (clean)
            {
                directory.Remove();
            }
            else
            {
                output.WriteLine($"The evidence is kept in {directory.Path}");
            }
        }

        return clean;
    }

    private async Task<bool> RunAsync(PointHouse house, CancellationToken cancellationToken)
    {
        var worlds = new List<PointWorld>();
        try
        {
            worlds.Add(await PointWorld.CreateAsync(1, house, cancellationToken));
            var reference = await new PointRun(worlds[0], house.Simulator, NextTask(), new Point([]), reference: null).RunAsync(cancellationToken);
            if (!reference.Passed)
            {
                output.WriteLine($"FAILED   the run in which nothing dies: {string.Join("; ", reference.Problems)}");
                return false;
            }

            output.WriteLine($"the run in which nothing dies: {reference.Kinds.Count} events, {reference.Took.TotalSeconds:0.0} s");
            var points = PointList.Of(reference.Kinds.Distinct()).Where(IsWanted).ToList();
            if (options.Names.FirstOrDefault(name => points.All(point => point.Name != name)) is { } unknown)
            {
                output.WriteLine($"There is no point '{unknown}'. They are:\n{string.Join('\n', PointList.Of(reference.Kinds.Distinct()).Select(it => it.Name))}");
                return false;
            }

            while (worlds.Count < Math.Min(options.Worlds, points.Count))
            {
                worlds.Add(await PointWorld.CreateAsync(worlds.Count + 1, house, cancellationToken));
            }

            var queue = new Queue<Point>(points);
            await Task.WhenAll(worlds.Select(world => WorkAsync(world, house, queue, points.Count, reference.Patch, cancellationToken)));
            var left = await LeftoversAsync(worlds, cancellationToken);
            return Summarize(points.Count, left);
        }
        finally
        {
            foreach (var world in worlds)
            {
                await world.DisposeAsync();
            }
        }
    }

    private async Task WorkAsync(PointWorld world, PointHouse house, Queue<Point> queue, int count, byte[] reference, CancellationToken cancellationToken)
    {
        while (true)
        {
            Point? point;
            lock (queue)
            {
                if (!queue.TryDequeue(out point))
                {
                    return;
                }
            }

            var result = await new PointRun(world, house.Simulator, NextTask(), point, reference).RunAsync(cancellationToken);
            if (!result.Passed && result.Task.Length > 0)
            {
                var journal = await Journal.ReadAsync(world.Database, result.Task, cancellationToken);
                await File.WriteAllLinesAsync(house.Directory.Of($"{result.Task}.journal"), journal.Lines(), cancellationToken);
            }

            lock (_results)
            {
                _results.Add(result);
                output.WriteLine($"{_results.Count,3} of {count}  {(result.Passed ? "ok    " : "FAILED")} {result.Took.TotalSeconds,5:0.0} s  {point.Name}");
                if (!result.Died)
                {
                    output.WriteLine("              the point was not reached");
                }

                foreach (var problem in result.Problems)
                {
                    output.WriteLine($"              {problem} (task {result.Task})");
                }
            }
        }
    }

    private static async Task<IReadOnlyList<string>> LeftoversAsync(IReadOnlyList<PointWorld> worlds, CancellationToken cancellationToken)
    {
        var left = new List<string>();
        foreach (var world in worlds)
        {
            // The sweep at the start removes what the last death left; the one a minute later the rest.
            await world.Service.StartAsync(faultPoint: null, cancellationToken);
            var leftovers = await new Leftovers(world.Database, await world.ContainersAsync(cancellationToken)).WaitUntilGoneAsync(cancellationToken);
            left.AddRange(leftovers.Select(it => it.Task.Length == 0 ? it.What : $"{it.Task}: {it.What}"));
        }

        return left;
    }

    private bool Summarize(int count, IReadOnlyList<string> left)
    {
        foreach (var what in left)
        {
            output.WriteLine($"LEFT {what}");
        }

        var passed = _results.Count(result => result.Passed);
        output.WriteLine(passed == count && left.Count == 0
            ? $"{passed} of {count} points: same patch, each effect once, no call answered twice, nothing left, {_clock.Elapsed.TotalSeconds:0} s"
            : $"{passed} of {count} points held, {left.Count} orphans, {_clock.Elapsed.TotalSeconds:0} s");
        return passed == count && left.Count == 0;
    }

    private bool IsWanted(Point point) => options.Names.Count == 0 || options.Names.Contains(point.Name);

    private PointTask NextTask() => new(Interlocked.Increment(ref _numbers) - 1);
}
