using V4Agents.Core.Tasks;

namespace V4Agents.Core.Journal;

/// <summary>Appends that other processes make, heard as they are committed.</summary>
public interface IForeignAppends
{
    /// <summary>Tasks that another process appended to. A hint: one may be missed while the database is away, and the journal's sequence still protects the task.</summary>
    IAsyncEnumerable<TaskId> ListenAsync(CancellationToken cancellationToken);
}
