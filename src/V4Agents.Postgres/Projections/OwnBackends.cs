using System.Collections.Concurrent;

namespace V4Agents.Postgres.Projections;

/// <summary>The server's processes that serve this process's connections: what they notify of is our own doing.</summary>
internal sealed class OwnBackends
{
    private readonly ConcurrentDictionary<int, byte> _pids = new();

    public void Add(int pid) => _pids[pid] = 0;

    public bool Contains(int pid) => _pids.ContainsKey(pid);
}
