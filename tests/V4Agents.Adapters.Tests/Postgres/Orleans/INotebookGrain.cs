namespace V4Agents.Adapters.Tests.Postgres.Orleans;

/// <summary>A grain that does to storage and reminders whatever a test asks for.</summary>
public interface INotebookGrain : IGrainWithStringKey
{
    Task<string?> ReadAsync();

    Task WriteAsync(string text);

    Task ClearAsync();

    /// <summary>Writes through a second view of the same state, which has not seen the writes of the first.</summary>
    Task WriteStaleAsync(string text);

    Task DeleteAsync();

    Task RemindAsync(string name);

    Task<IReadOnlyList<string>> RemindersAsync();

    Task ForgetAsync(string name);
}
