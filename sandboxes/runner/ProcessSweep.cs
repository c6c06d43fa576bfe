using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>
/// Kills everything in the container but the runner, its bridges and the programs it runs for itself. One that has been signalled cannot fork any
/// more, so the rounds end; when forks outrun them, one signal to all at once does it, and the bridges are built again.
/// </summary>
internal static class ProcessSweep
{
    private const int Everyone = -1;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
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
            var doomed = Doomed();
            if (doomed.Count == 0)
            {
                return killed.Count;
            }

            if (clock.Elapsed > Limit)
            {
                throw new RequestException($"{doomed.Count} processes in the sandbox do not end, number {doomed[0]} for one.");
            }

            var more = false;
            foreach (var id in doomed)
            {
                Posix.Signal(id, Posix.Kill);
                more |= killed.Add(id);
            }

            if (more && clock.Elapsed > Patience)
            {
                Posix.Signal(Everyone, Posix.Kill);
            }

            await Task.Delay(Pause);
        }
    }

    private static List<int> Doomed()
    {
        var all = new Dictionary<int, Entry>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var id) && Read(id) is { } entry)
            {
                all[id] = entry;
            }
        }

        return [.. all.Values.Where(entry => !entry.IsOver && !IsSpared(entry, all)).Select(entry => entry.Id)];
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
