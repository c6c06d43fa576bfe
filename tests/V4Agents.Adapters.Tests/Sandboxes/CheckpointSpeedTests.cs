using System.Diagnostics;
using System.Globalization;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class CheckpointSpeedTests(SandboxEngine engine)
{
    private const int Rounds = 25;

    [Fact]
    public async Task Checkpoint_WhenThreeOf5000FilesChanged_IsNotMuchSlowerThanGitAlone()
    {
        var tree = new TestTree();
        var random = new Random(1);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[8_400];
            random.NextBytes(bytes);
            tree.Add($"src/d{i / 100}/f{i}.txt", Convert.ToBase64String(bytes.AsSpan(0, 6_300)));
        }

        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(tree);
        var (ours, plain, bundles) = (new List<double>(), new List<double>(), new List<double>());
        string? since = null;
        for (var round = 0; round < Rounds; round++)
        {
            await ChangeAsync(sandbox, $"checkpoint {round}");
            var clock = Stopwatch.StartNew();
            var saved = await sandbox.CheckpointAsync(since, TestContext.Current.CancellationToken);
            ours.Add(clock.Elapsed.TotalMilliseconds);
            bundles.Add(saved.Bundle.Length);
            since = saved.Commit;

            await ChangeAsync(sandbox, $"plain {round}");
            var result = await sandbox.ShellAsync("s=$(date +%s%N); git add -A && git write-tree > /dev/null; e=$(date +%s%N); echo $((e - s))");
            plain.Add(double.Parse(result.Text(), CultureInfo.InvariantCulture) / 1e6);
            since = (await sandbox.CheckpointAsync(since, TestContext.Current.CancellationToken)).Commit;
        }

        var report = $"checkpoint {Numbers(ours)}; git add -A && git write-tree {Numbers(plain)}; ratio {Median(ours) / Median(plain):0.00}; bundle {Median(bundles):0} bytes";
        TestContext.Current.TestOutputHelper?.WriteLine(report);
        Assert.True(Median(ours) < 400, report);
    }

    private static Task<CallResult> ChangeAsync(ISandbox sandbox, string text) =>
        sandbox.ShellAsync($"for f in src/d3/f301.txt src/d20/f2001.txt src/d49/f4999.txt; do echo '{text}' >> $f; done");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Numbers(List<double> values) => $"{Median(values):0} ms median ({values.Min():0} to {values.Max():0})";
}
