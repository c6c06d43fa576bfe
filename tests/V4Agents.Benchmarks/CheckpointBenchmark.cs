using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Sandboxes.Docker;

namespace V4Agents.Benchmarks;

/// <summary>
/// A checkpoint of a tree of 5,000 files (42 MB) after a change of three, through the whole way from the host to the runner and back, beside a plain
/// <c>git add -A &amp;&amp; git write-tree</c> in the same container after the same change, timed inside it.
/// </summary>
internal static class CheckpointBenchmark
{
    private const int Rounds = 40;
    private const int Files = 5_000;
    private const int FileLength = 8_400;
    private const string Plain = "s=$(date +%s%N); git add -A && git write-tree > /dev/null; e=$(date +%s%N); echo $((e - s))";

    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var image = Environment.GetEnvironmentVariable("Sandbox__Image")
            ?? throw new InvalidOperationException("Sandbox__Image is not set: export Sandbox__Image=$(sandboxes/build.sh)");
        await using var services = new ServiceCollection()
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Sandbox:Image"] = image }).Build())
            .AddLogging()
            .AddDockerSandboxes()
            .BuildServiceProvider();
        var engine = services.GetRequiredService<ISandboxes>();
        var name = RandomNumberGenerator.GetHexString(12, lowercase: true);
        var spec = new SandboxSpec(new SandboxId($"v4-bench-{name}"), new TaskId("t-aaaaaaaaaaaaaaaaaaaa"), $"bench-{name}", TimeSpan.FromMinutes(20));
        await using var sandbox = await engine.OpenAsync(spec, cancellationToken);
        try
        {
            await MeasureAsync(sandbox, cancellationToken);
        }
        finally
        {
            await engine.RemoveAsync(spec.Id, CancellationToken.None);
        }
    }

    private static async Task MeasureAsync(ISandbox sandbox, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await sandbox.SeedAsync(WriteTarAsync, cancellationToken);
        Console.WriteLine($"{Files} files, {Files * FileLength / 1_000_000} MB, seeded in {clock.Elapsed.TotalSeconds:0.0} s; {Environment.ProcessorCount} processors; {Rounds} rounds, interleaved");
        var (ours, unchanged, plain, bundle) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var since = default(string);
        for (var round = 0; round < Rounds; round++)
        {
            await ChangeAsync($"checkpoint {round}");
            var saved = await TimedAsync(ours);
            bundle.Add(saved.Bundle.Length);
            await TimedAsync(unchanged);

            await ChangeAsync($"plain {round}");
            plain.Add(double.Parse(await ShellAsync(Plain), CultureInfo.InvariantCulture) / 1e6);
            await TimedAsync([]);
        }

        Console.WriteLine($"checkpoint after 3 changed files   {Numbers(ours)}; bundle {Median(bundle):0} bytes");
        Console.WriteLine($"checkpoint of an unchanged tree    {Numbers(unchanged)}");
        Console.WriteLine($"git add -A && git write-tree       {Numbers(plain)}");
        Console.WriteLine($"ratio of the medians               {Median(ours) / Median(plain):0.00}");

        async Task<WorkspaceCheckpoint> TimedAsync(List<double> times)
        {
            clock.Restart();
            var saved = await sandbox.CheckpointAsync(since, cancellationToken);
            times.Add(clock.Elapsed.TotalMilliseconds);
            since = saved.Commit;
            return saved;
        }

        Task<string> ChangeAsync(string text) => ShellAsync($"for f in src/d3/f301.txt src/d20/f2001.txt src/d49/f4999.txt; do echo '{text}' >> $f; done");

        async Task<string> ShellAsync(string command)
        {
            var call = new SandboxCall(
                RandomNumberGenerator.GetHexString(16), "bash", $"{{\"command\":{JsonSerializer.Serialize(command)}}}", TimeSpan.FromMinutes(1));
            return Encoding.UTF8.GetString((await sandbox.RunAsync(call, progress: null, cancellationToken)).Output.Span);
        }
    }

    private static async Task WriteTarAsync(Stream stream, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        await using var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true);
        for (var i = 0; i < Files; i++)
        {
            var bytes = new byte[FileLength * 3 / 4];
            random.NextBytes(bytes);
            var content = new MemoryStream(Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"src/d{i / 100}/f{i}.txt") { DataStream = content }, cancellationToken);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static string Numbers(List<double> values) => $"{Median(values),6:0.0} ms median ({values.Min():0.0} to {values.Max():0.0})";
}
