using V4Agents.Benchmarks;

Dictionary<string, Func<CancellationToken, Task>> benchmarks = new()
{
    ["checkpoint"] = CheckpointBenchmark.RunAsync,
    ["journal"] = JournalBenchmark.RunAsync,
    ["journal-bytes"] = JournalBytesBenchmark.RunAsync,
};

if (args is not [var name] || !benchmarks.TryGetValue(name, out var run))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project tests/V4Agents.Benchmarks -- {string.Join('|', benchmarks.Keys)}");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
await run(stop.Token);
return 0;
