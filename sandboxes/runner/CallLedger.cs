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
    private readonly ConcurrentDictionary<string, RunningCall> _running = new();

    // Results that a full disk did not take. They are stored as soon as it does.
    private readonly ConcurrentDictionary<string, CallEnd> _unsaved = new();
    private readonly SemaphoreSlim _oneStop = new(1, 1);
    private readonly Lock _order = new();
    // A work tree that is there when the runner starts is from before: processes and /tmp are not, and whoever works here has to know.
    private int _restarted = File.Exists(Layout.SeedMarker) ? 1 : 0;
    private int _stops;
    private int _stopsUnderWay;
    private StopCount _untold;

    /// <summary>A place among the stops: a call with this one starts only when no stop has come since, and none was under way.</summary>
    public int Place()
    {
        lock (_order)
        {
            return _stopsUnderWay > 0 ? -1 : _stops;
        }
    }

    public static string OutputOf(string id) => Path.Combine(Layout.Calls, id, "output");

    /// <param name="place">What <see cref="Place"/> was when the call came.</param>
    /// <param name="attached">Told of the call when it has not finished yet.</param>
    public async Task<(CallEnd End, bool Replayed)> RunAsync(string id, CallRequest request, int place, Action<RunningCall> attached)
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
        var call = _running.GetOrAdd(id, _ => new RunningCall(running => ClaimAndRunAsync(id, request, place, running)));
        try
        {
            var end = call.End;
            attached(call);
            return (await end, false);
        }
        finally
        {
            _running.TryRemove(new(id, call));
        }
    }

    /// <summary>To be said as soon as it has come, and followed by <see cref="StopAsync"/>.</summary>
    public void StopComes()
    {
        lock (_order)
        {
            _stops++;
            _stopsUnderWay++;
        }
    }

    /// <summary>Ends every call under way. One that came before the stop was over never starts, and its result says that it was stopped.</summary>
    public async Task<StopCount> StopAsync(Func<Task<int>> kill)
    {
        await _oneStop.WaitAsync();
        try
        {
            // A call that is not among those found here finds that a stop has come.
            var running = _running.Values.Where(call => !call.End.IsCompleted).ToList();
            foreach (var call in running)
            {
                call.Stop();
            }

            var processes = await kill();
            await Task.WhenAll(running.Select(call => (Task)call.End)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var found = new StopCount(_untold.Calls + running.Count, _untold.Processes + processes);
            _untold = default;
            return found;
        }
        finally
        {
            lock (_order)
            {
                _stopsUnderWay--;
            }

            _oneStop.Release();
        }
    }

    /// <summary>Whoever asked for the stop is gone; the next one to ask is told what was found.</summary>
    public void Untold(StopCount count) => _untold = count;

    private async Task<CallEnd> ClaimAndRunAsync(string id, CallRequest request, int place, RunningCall call)
    {
        await Task.Yield();
        if (place < 0 || place != Place())
        {
            // It came before a stop that has come since, or during one. It is in the table: a stop that comes from now on finds it there.
            call.Stop();
        }

        // Between the look at the ledger and the claim another asker's task may have finished and left the table.
        if (Stored(id) is { } stored)
        {
            return stored;
        }

        StoreUnsaved();
        Ballast.Fill();
        var directory = Path.Combine(Layout.Calls, id);
        if (Directory.Exists(directory))
        {
            return Interrupted(id);
        }

        BoundedOutput? output = null;
        try
        {
            Ballast.Spend(() => output = Claim(directory, request));
            call.Writes(output!); // Spend returns when it is there.
            if (request.Tool == "bash" && Interlocked.Exchange(ref _restarted, 0) == 1)
            {
                output!.Write("[the sandbox was restarted since the last command: processes that ran in it and files in /tmp are gone]\n");
            }

            var clock = Stopwatch.StartNew();
            var result = await Tool.RunAsync(request, output!, call.Stopped);
            var (total, unsaved) = output!.Close();
            if (request.Tool is not ("view" or "search"))
            {
                // A stored result says that the changes are there, also after a power cut.
                Posix.FlushFileSystem(Layout.Calls);
            }

            return Store(id, new CallEnd(new CallRecord(result.ExitCode, result.TimedOut, total, clock.ElapsedMilliseconds), unsaved));
        }
        catch (IOException e) when (output is null && Ballast.IsFull(e))
        {
            // Nothing ran. An empty claim would say that something did.
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            throw new RequestException("The sandbox's disk is full, so full that the call could not be recorded; it was not run.");
        }
        finally
        {
            output?.Dispose();
        }
    }

    private static BoundedOutput Claim(string directory, CallRequest request)
    {
        Directory.CreateDirectory(directory);
        Layout.WriteDurably(
            Path.Combine(directory, "request.json"), JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.CallRequest));
        return new BoundedOutput(Path.Combine(directory, "output"));
    }

    private CallEnd Interrupted(string id)
    {
        const string Note = "\n[interrupted: the sandbox stopped during this call; how far it got is unknown, and it was not run again]\n";
        var note = Encoding.UTF8.GetBytes(Note);
        var length = (File.Exists(OutputOf(id)) ? new FileInfo(OutputOf(id)).Length : 0) + note.Length;
        return Store(id, new CallEnd(new CallRecord(CallRecord.Interrupted, false, length, 0), note));
    }

    private CallEnd? Stored(string id)
    {
        if (_unsaved.TryGetValue(id, out var unsaved))
        {
            return unsaved;
        }

        var path = Path.Combine(Layout.Calls, id, "result.json");
        return File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), ProtocolJson.Default.CallRecord) is { } record
            ? new CallEnd(record, [])
            : null;
    }

    private CallEnd Store(string id, CallEnd end)
    {
        if (TryStore(id, end) is { } rest)
        {
            _unsaved[id] = rest;
        }

        return end;
    }

    private void StoreUnsaved()
    {
        lock (_unsaved)
        {
            foreach (var (id, end) in _unsaved)
            {
                if (TryStore(id, end) is { } rest)
                {
                    _unsaved[id] = rest;
                }
                else
                {
                    _unsaved.TryRemove(id, out _);
                }
            }
        }
    }

    /// <returns>What the disk did not take; null when it took all.</returns>
    private static CallEnd? TryStore(string id, CallEnd end)
    {
        try
        {
            if (end.Unsaved.Length > 0)
            {
                Ballast.Spend(() => Append(OutputOf(id), end.Unsaved));
                end = end with { Unsaved = [] };
            }

            var record = JsonSerializer.SerializeToUtf8Bytes(end.Record, ProtocolJson.Default.CallRecord);
            Ballast.Spend(() => Layout.WriteDurably(Path.Combine(Layout.Calls, id, "result.json"), record));
            return null;
        }
        catch (IOException)
        {
            return end;
        }
    }

    private static void Append(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var before = file.Seek(0, SeekOrigin.End);
        try
        {
            file.Write(bytes);
        }
        catch (IOException)
        {
            file.SetLength(before);
            throw;
        }
    }
}
