using System.Text.Json;

namespace V4Agents.Chaos.World;

/// <summary>A task's committed events, read from the table itself.</summary>
internal sealed class Journal(IReadOnlyList<Journal.Entry> entries)
{
    public sealed record Entry(string Task, long Seq, string Kind, JsonElement Payload, DateTime At);

    public IReadOnlyList<Entry> Entries => entries;

    public static async Task<Journal> ReadAsync(string database, string task, CancellationToken cancellationToken) => new(await Database.QueryAsync(
        database, "SELECT task_id, seq, kind, payload, at FROM task_events WHERE task_id = $1 ORDER BY seq",
        row => new Entry(row.GetString(0), row.GetInt64(1), row.GetString(2), JsonElement.Parse(row.GetString(3)), row.GetDateTime(4)), cancellationToken, task));

    public IEnumerable<Entry> Of(string kind) => entries.Where(entry => entry.Kind == kind);

    public bool Has(string kind) => Of(kind).Any();

    public IEnumerable<string> Lines() => entries.Select(entry => $"{entry.Seq,4} {entry.At:HH:mm:ss.fff} {entry.Kind} {entry.Payload}");
}
