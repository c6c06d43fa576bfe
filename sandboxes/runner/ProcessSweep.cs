using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>
/// Kills everything in the container but the runner, its bridges and the programs it runs for itself. Everyone is halted first, in one step, so that
/// nobody forks away while the others are looked at one by one.
/// </summary>
internal static class ProcessSweep
{
    private const int Everyone = -1;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly record struct Entry(int Id, int Parent, bool IsOver);

    /// <returns>How many there were.</returns>
    public static async Task<int> KillAsync()
    {
        var killed = new HashSet<int>();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var (doomed, spared) = Look();
            if (doomed.Count > 0 && doomed.Any(id => !killed.Contains(id)))
            {
                Posix.Signal(Everyone, Posix.Halt);
                (doomed, spared) = Look();
                spared.ForEach(id => Posix.Signal(id, Posix.Continue));
            }

            if (doomed.Count == 0)
            {
                return killed.Count;
            }

            if (clock.Elapsed > Limit)
            {
                throw new RequestException($"{doomed.Count} processes in the sandbox do not end, number {doomed[0]} for one.");
            }

            foreach (var id in doomed)
            {
                Posix.Signal(id, Posix.Kill);
                killed.Add(id);
            }

            await Task.Delay(Pause);
        }
    }

    private static (List<int> Doomed, List<int> Spared) Look()
    {
        var all = new Dictionary<int, Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id) && Read(id) is { IsOver: false } entry)
            {
                all[id] = entry;
            }
        }

        var spared = all.Values.Where(entry => IsSpared(entry, all)).Select(entry => entry.Id).ToList();
        return ([.. all.Keys.Except(spared)], spared);
    }

    private static bool IsSpared(Entry entry, Dictionary<int, Entry> all)
    {
        // What came from outside the container has no parent in it: its init, and what the engine was asked to run there.
        if (entry.Id == 1 || entry.Id == Environment.ProcessId || (entry.Parent == 0 && ProgramOf(entry.Id) == Environment.ProcessPath))
        {
            return true;
        }

        for (Entry? link = entry; link is { } one; link = all.TryGetValue(one.Parent, out var parent) ? parent : null)
        {
            if (OwnProcesses.Contains(one.Id))
            {
                return true;
            }
        }

        return false;
    }

    private static Entry? Read(int id)
    {
        try
        {
            // "id (name) state parent ...", and the name may hold anything.
            var line = File.ReadAllText($"/proc/{id}/stat");
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ', 3);
            return new Entry(id, int.Parse(fields[1]), fields[0] is "Z" or "X");
        }
        catch (IOException)
        {
            // It ended between the two looks.
            return null;
        }
    }

    private static string? ProgramOf(int id)
    {
        try
        {
            return new FileInfo($"/proc/{id}/exe").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
