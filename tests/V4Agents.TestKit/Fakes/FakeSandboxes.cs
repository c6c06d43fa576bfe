using System.Collections.Concurrent;
using System.Text;
using V4Agents.Core.Blobs;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.TestKit.Fakes;

/// <summary>Containers in memory. They outlive the service, keep a call ledger, and count what really ran.</summary>
public sealed class FakeSandboxes : ISandboxes, ISandboxRegistry
{
    private readonly ConcurrentDictionary<SandboxId, Box> _boxes = new();
    private readonly ConcurrentDictionary<SandboxId, SandboxRow> _rows = new();
    private int _made;

    /// <summary>Every call that really ran, in order: container, call id, arguments.</summary>
    public List<(SandboxId Sandbox, string Call, string Arguments)> Ran { get; } = [];

    public IReadOnlyCollection<SandboxId> Registered => [.. _rows.Keys];

    /// <summary>What <see cref="KeepOrphanAsync"/> was given, in order.</summary>
    public ConcurrentQueue<(SandboxId Sandbox, TaskId Task, string Tree, BlobId Bundle)> Orphans { get; } = new();

    /// <summary>The name of the engine that this is.</summary>
    public string Engine { get; set; } = "engine";

    public DateTimeOffset Now { get; set; }

    /// <summary>Awaited before a container is removed; throwing is an engine that cannot.</summary>
    public Func<SandboxId, Task> BeforeRemove { get; set; } = _ => Task.CompletedTask;

    /// <summary>What a command does: its exit code and output, and what it writes into the work tree.</summary>
    public Func<SandboxCall, IDictionary<string, string>, (int ExitCode, string Output)> Behaviour { get; set; } = (_, _) => (0, "ok\n");

    /// <summary>Awaited inside every call after it was claimed; lets a test hold one.</summary>
    public Func<SandboxCall, CancellationToken, Task> Gate { get; set; } = (_, _) => Task.CompletedTask;

    public IReadOnlyCollection<SandboxId> Alive => [.. _boxes.Keys];

    public Task<string?> ProbeAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public Task<ISandbox> OpenAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        if (!_rows.ContainsKey(spec.Id))
        {
            throw new InvalidOperationException($"{spec.Id} is created before its row is written.");
        }

        return Task.FromResult<ISandbox>(_boxes.GetOrAdd(spec.Id, id => new Box(this, id, spec.Task, $"c{Interlocked.Increment(ref _made)}")));
    }

    /// <summary>The container dies and is started again: calls that ran are interrupted, the work tree stays as they left it.</summary>
    public void Restart(SandboxId id) => _boxes[id].Interrupt();

    public Task<ISandbox?> AttachAsync(SandboxId id, CancellationToken cancellationToken) => Task.FromResult<ISandbox?>(_boxes.GetValueOrDefault(id));

    public async Task RemoveAsync(SandboxId id, CancellationToken cancellationToken)
    {
        await BeforeRemove(id);
        _boxes.TryRemove(id, out _);
    }

    public async Task RemoveAsync(SandboxListing found, CancellationToken cancellationToken)
    {
        await BeforeRemove(found.Id);
        if (_boxes.TryGetValue(found.Id, out var box) && box.Container == found.Container)
        {
            _boxes.TryRemove(new(found.Id, box));
        }
    }

    public Task<int> RemoveUnusedAsync(string instance, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task<IReadOnlyList<SandboxListing>> ListAsync(string instance, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SandboxListing>>([.. _boxes.Values.Select(box => new SandboxListing(box.Id, box.Task, true, default, box.Container))]);

    public Task<string> InstanceAsync(CancellationToken cancellationToken) => Task.FromResult("fake");

    public Task<string> EngineAsync(CancellationToken cancellationToken) => Task.FromResult(Engine);

    public Task RenewAsync(string engine, CancellationToken cancellationToken)
    {
        foreach (var row in _rows.Values.Where(row => row.Engine == engine))
        {
            _rows.TryUpdate(row.Sandbox, row with { LeaseUntil = Now.AddMinutes(3) }, row);
        }

        return Task.CompletedTask;
    }

    public Task KeepOrphanAsync(SandboxId sandbox, TaskId task, string tree, BlobId bundle, CancellationToken cancellationToken)
    {
        Orphans.Enqueue((sandbox, task, tree, bundle));
        return Task.CompletedTask;
    }

    public Task RegisterAsync(SandboxId sandbox, TaskId task, string engine, CancellationToken cancellationToken)
    {
        _rows[sandbox] = new SandboxRow(sandbox, task, engine, Now, Now.AddMinutes(3));
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(SandboxId sandbox, CancellationToken cancellationToken)
    {
        _rows.TryRemove(sandbox, out _);
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(SandboxRow row, CancellationToken cancellationToken) => ReleaseAsync(row.Sandbox, row.Engine, cancellationToken);

    public Task ReleaseAsync(SandboxId sandbox, string engine, CancellationToken cancellationToken)
    {
        if (_rows.TryGetValue(sandbox, out var row) && row.Engine == engine)
        {
            _rows.TryRemove(new(sandbox, row));
        }

        return Task.CompletedTask;
    }

    Task<IReadOnlyList<SandboxRow>> ISandboxRegistry.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SandboxRow>>([.. _rows.Values]);

    private sealed class Box(FakeSandboxes engine, SandboxId id, TaskId task, string container) : ISandbox
    {
        private readonly Dictionary<string, Task<CallResult>> _ledger = [];
        private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

        private TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private string _seed = "";

        public SandboxId Id => id;

        public TaskId Task => task;

        public string Container => container;

        public async Task<string> SeedAsync(Func<Stream, CancellationToken, Task> writeTar, CancellationToken cancellationToken)
        {
            await writeTar(Stream.Null, cancellationToken);
            return _seed = Tree();
        }

        public Task<CallResult> RunAsync(SandboxCall call, IProgress<CallProgress>? progress, CancellationToken cancellationToken)
        {
            CheckAlive();

            if (!_ledger.TryGetValue(call.Id, out var run))
            {
                _ledger[call.Id] = run = StartAsync(call);
            }

            return run.WaitAsync(cancellationToken);
        }

        public Task<StoppedCalls> StopAsync(CancellationToken cancellationToken)
        {
            CheckAlive();
            var running = _ledger.Values.Count(run => !run.IsCompleted);
            return System.Threading.Tasks.Task.FromResult(new StoppedCalls(running, running));
        }

        public Task<WorkspaceCheckpoint> CheckpointAsync(string? since, CancellationToken cancellationToken)
        {
            CheckAlive();
            var tree = Tree();
            var commit = $"c:{tree}";
            var unchanged = since is null ? tree == _seed : since == commit;
            return System.Threading.Tasks.Task.FromResult(
                new WorkspaceCheckpoint(tree, unchanged ? since ?? "" : commit, unchanged ? default : Encoding.UTF8.GetBytes(tree)));
        }

        public async Task RestoreAsync(
            IReadOnlyList<WorkspaceCheckpoint> chain, Func<int, CancellationToken, Task<ReadOnlyMemory<byte>>> readBundle, CancellationToken cancellationToken)
        {
            CheckAlive();
            var tree = chain.Count == 0 ? _seed : Encoding.UTF8.GetString((await readBundle(chain.Count - 1, cancellationToken)).Span);
            _files.Clear();
            foreach (var file in tree.Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                _files[file[..file.IndexOf('=')]] = file[(file.IndexOf('=') + 1)..];
            }
        }

        public void Interrupt()
        {
            foreach (var call in _ledger.Where(entry => !entry.Value.IsCompleted).Select(entry => entry.Key).ToList())
            {
                _ledger[call] = System.Threading.Tasks.Task.FromResult(
                    new CallResult(-1, false, default, 0, "/out", TimeSpan.Zero, Interrupted: true, Replayed: false));
            }

            _lost.SetResult();
            _lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        private void CheckAlive()
        {
            if (!engine._boxes.TryGetValue(id, out var box) || box != this)
            {
                throw new SandboxException($"{id} is gone.", isTransient: false) { IsLost = true };
            }
        }

        public Task<string> PutFileAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            foreach (var line in Encoding.UTF8.GetString(content.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var (path, text) = (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..]);
                _files[path] = text;
            }

            return System.Threading.Tasks.Task.FromResult($"/work/.v4/files/{name}");
        }

        public Task<WorkspaceSnapshot> SnapshotAsync(CancellationToken cancellationToken) => System.Threading.Tasks.Task.FromResult(new WorkspaceSnapshot(
            Tree(), [.. _files.Select(file => new WorkspaceChange(file.Key, WorkspaceEntry.File, Encoding.UTF8.GetBytes(file.Value)))]));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private string Tree() => string.Join(';', _files.Select(file => $"{file.Key}={file.Value}"));

        private async Task<CallResult> StartAsync(SandboxCall call)
        {
            engine.Ran.Add((id, call.Id, call.ArgumentsJson));
            var lost = _lost.Task;
            if (await System.Threading.Tasks.Task.WhenAny(engine.Gate(call, CancellationToken.None), lost) == lost)
            {
                return new CallResult(-1, false, default, 0, "/out", TimeSpan.Zero, Interrupted: true, Replayed: false);
            }

            var (exitCode, output) = engine.Behaviour(call, _files);
            return new CallResult(exitCode, false, Encoding.UTF8.GetBytes(output), output.Length, "/out", TimeSpan.FromSeconds(1), Interrupted: false, Replayed: false);
        }
    }
}
