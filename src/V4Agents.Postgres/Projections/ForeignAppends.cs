using System.Runtime.CompilerServices;
using System.Threading.Channels;
using V4Agents.Core.Journal;
using V4Agents.Core.Tasks;

namespace V4Agents.Postgres.Projections;

internal sealed class ForeignAppends(TaskEventListener listener) : IForeignAppends
{
    public async IAsyncEnumerable<TaskId?> ListenAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heard = Channel.CreateUnbounded<TaskId?>(new UnboundedChannelOptions { SingleReader = true });
        using var subscription = listener.SubscribeToForeign(task => heard.Writer.TryWrite(task));
        await foreach (var task in heard.Reader.ReadAllAsync(cancellationToken))
        {
            yield return task;
        }
    }
}
