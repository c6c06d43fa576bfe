using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using V4Agents.Sandboxes.Calls.Protocol;

namespace V4Agents.Runner;

/// <summary>
/// Runs each call id once, whatever happens to those who ask. The claim is a directory made before anything runs; the result is a file
/// renamed into place after everything ran. A claim that has neither a result nor a task here was cut short together with the runner.
/// </summary>
internal sealed class CallLedger
{
    private readonly ConcurrentDictionary<string, Lazy<Task<CallRecord>>> _running = new();

    public static string OutputOf(string id) => Path.Combine(Layout.Calls, id, "output");

    public async Task<(CallRecord Record, bool Replayed)> RunAsync(string id, CallRequest request)
    {
        if (id.Length is 0 or > 100 || id.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            throw new RequestException($"'{id}' is not a call id: letters, digits, '-' and '_', at most 100.");
        }

        if (Stored(id) is { } stored)
        {
            return (stored, true);
        }

        // Both of two that ask at the same time get the one task; whoever finds it already there is attached.
        var mine = new Lazy<Task<CallRecord>>(() => ClaimAndRunAsync(id, request));
        var task = _running.GetOrAdd(id, mine);
        try
        {
            return (await task.Value, false);
        }
        finally
        {
            _running.TryRemove(new(id, task));
        }
    }

    private static async Task<CallRecord> ClaimAndRunAsync(string id, CallRequest request)
    {
        // Between the look at the ledger and the claim another asker's task may have finished and left the table.
        if (Stored(id) is { } stored)
        {
            return stored;
        }

        var directory = Path.Combine(Layout.Calls, id);
        if (Directory.Exists(directory))
        {
            return Interrupted(id);
        }

        Directory.CreateDirectory(directory);
        Layout.WriteDurably(
            Path.Combine(directory, "request.json"), JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.CallRequest));
        var clock = Stopwatch.StartNew();
        ToolResult result;
        await using (var output = new BoundedOutput(OutputOf(id)))
        {
            result = await Tool.RunAsync(request, output);
            result = result with { OutputBytes = await output.CloseAsync() };
        }

        var record = new CallRecord(result.ExitCode, result.TimedOut, result.OutputBytes, clock.ElapsedMilliseconds);
        Store(id, record);
        return record;
    }

    private static CallRecord Interrupted(string id)
    {
        var note = Encoding.UTF8.GetBytes("\n[interrupted: the sandbox stopped during this call; how far it got is unknown, and it was not run again]\n");
        using (var output = new FileStream(OutputOf(id), FileMode.Append))
        {
            output.Write(note);
        }

        var record = new CallRecord(CallRecord.Interrupted, false, new FileInfo(OutputOf(id)).Length, 0);
        Store(id, record);
        return record;
    }

    private static CallRecord? Stored(string id)
    {
        var path = Path.Combine(Layout.Calls, id, "result.json");
        return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), ProtocolJson.Default.CallRecord) : null;
    }

    private static void Store(string id, CallRecord record) => Layout.WriteDurably(
        Path.Combine(Layout.Calls, id, "result.json"), JsonSerializer.SerializeToUtf8Bytes(record, ProtocolJson.Default.CallRecord));
}
