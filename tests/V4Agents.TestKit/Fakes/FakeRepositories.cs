using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;

namespace V4Agents.TestKit.Fakes;

/// <summary>One repository with one file. Its patches are lines <c>path=content</c>, as <see cref="FakeSandboxes"/> applies them.</summary>
public sealed class FakeRepositories : IRepositories
{
    private static readonly PreparedRepository Repository = new(new RepositoryId("r"), "HEAD", new string('c', 40), new string('d', 40), 1);

    public RepositoryOutcome Outcome { get; set; } = new RepositoryOutcome.Ready(Repository);

    public Task<RepositoryOutcome.Refused?> ProbeAsync(string address, string? reference, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome as RepositoryOutcome.Refused);

    public Task<RepositoryOutcome> PrepareAsync(string address, string? reference, CancellationToken cancellationToken) => Task.FromResult(Outcome);

    public Task<IReadOnlyList<RepositoryFile>> ListAsync(RepositoryId repository, string commit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RepositoryFile>>([new RepositoryFile("README", WorkspaceEntry.File, new string('1', 40), 5)]);

    public Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadAsync(RepositoryId repository, IReadOnlyList<string> blobs, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ReadOnlyMemory<byte>>>([.. blobs.Select(_ => (ReadOnlyMemory<byte>)"hello"u8.ToArray())]);

    public Task WriteTarAsync(RepositoryId repository, string commit, Stream destination, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<PatchOutcome> BuildPatchAsync(
        RepositoryId repository, string commit, WorkspaceSnapshot snapshot, PatchLimits limits, CancellationToken cancellationToken) =>
        Task.FromResult<PatchOutcome>(snapshot.Changes.Count == 0
            ? new PatchOutcome.Empty()
            : new PatchOutcome.Built(
                Encoding.UTF8.GetBytes(string.Concat(snapshot.Changes.Select(change => $"{change.Path}={Encoding.UTF8.GetString(change.Content.Span)}\n"))),
                new string('f', 40), snapshot.Changes.Count, snapshot.Changes.Count, 0, [.. snapshot.Changes.Select(change => change.Path)]));

    public Task<bool> HasAsync(RepositoryId repository, string commit, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Branches and the commit each is at.</summary>
    public Dictionary<string, string> Branches { get; } = [];

    public Task<PushOutcome> PushAsync(PushRequest request, CancellationToken cancellationToken)
    {
        var commit = $"{request.Parent}+{request.Tree}";
        var there = Branches.TryGetValue(request.Branch, out var existing);
        Branches.TryAdd(request.Branch, commit);
        return Task.FromResult<PushOutcome>(
            there && existing != commit ? new PushOutcome.Refused("The branch exists.") : new PushOutcome.Pushed(commit, there));
    }
}
