using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>Appends that other processes make, heard as they are committed.</summary>
public interface IForeignAppends
{
    /// <summary>Tasks that another process appended to; null when any may have been missed, because the database was away.</summary>
    IAsyncEnumerable<TaskId?> ListenAsync(CancellationToken cancellationToken);
}
