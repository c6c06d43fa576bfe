using System.Text;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

/// <summary>Work trees that would hold git up, or hide from it what a call has done.</summary>
[Collection(SandboxCollection.Name)]
public sealed class HostileTreeTests(SandboxEngine engine)
{
    private static readonly TimeSpan HangGuard = TimeSpan.FromSeconds(30);

    private static readonly TestTree Tree = new TestTree()
        .Add(".gitignore", "*.log\nbuild/\n")
        .Add("a.txt", "one\n")
        .Add("seeded.log", "ignored but tracked\n")
        .Add("d/deep.log", "also\n")
        .Add("d/g.txt", "g\n");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("mkdir x; mkfifo x/.gitignore")]
    [InlineData("rm .gitignore; mkfifo .gitignore")]
    [InlineData("mkfifo .gitattributes d/.gitattributes .gitmodules")]
    [InlineData("mkdir -p x/.git/objects x/.git/refs; mkfifo x/.git/HEAD")]
    public async Task Checkpoint_WhenAPipeLiesWhereGitReads_RemovesItAndSaves(string harm)
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync(harm + "; echo two > a.txt");

        var saved = await sandbox.CheckpointAsync(null, Token).WaitAsync(HangGuard, Token);
        var snapshot = await sandbox.SnapshotAsync(Token).WaitAsync(HangGuard, Token);

        Assert.Equal("two\n", Encoding.UTF8.GetString(snapshot.Changes.Single(change => change.Path == "a.txt").Content.Span));
        Assert.Equal(snapshot.Tree, saved.Tree);
    }

    [Fact]
    public async Task Checkpoint_WhenFilesAreUnreadable_SavesWhatTheyHoldAndLeavesTheirModes()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        const string Modes = "stat -c '%a %n' . a.txt d new shut";
        await sandbox.ShellAsync(
            "echo two > a.txt; echo n > new; echo G > d/g.txt; mkdir -p shut/in; echo s > shut/in/s; chmod 000 a.txt new shut/in/s shut/in shut; chmod 200 d/g.txt; chmod 300 d");
        var before = (await sandbox.ShellAsync(Modes)).Text();

        var saved = await sandbox.CheckpointAsync(null, Token);

        var changes = (await sandbox.SnapshotAsync(Token)).Changes.Select(change => $"{change.Path}|{Encoding.UTF8.GetString(change.Content.Span)}");
        Assert.Equal(["a.txt|two\n", "d/g.txt|G\n", "new|n\n", "shut/in/s|s\n"], changes.Order(StringComparer.Ordinal));
        Assert.Equal(before, (await sandbox.ShellAsync(Modes)).Text());
        Assert.Contains("0 shut", before, StringComparison.Ordinal);
        Assert.Equal("0 shut/in\n0 shut/in/s\n", (await sandbox.ShellAsync("chmod 700 shut; stat -c '%a %n' shut/in; chmod 700 shut/in; stat -c '%a %n' shut/in/s")).Text());
        Assert.True((await sandbox.CheckpointAsync(saved.Commit, Token)).IsUnchanged);
    }

    [Fact]
    public async Task Checkpoint_WhenAPipeTookAFilesPlace_SavesThatTheFileIsGone()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("rm a.txt; mkfifo a.txt");
        var change = Assert.Single((await sandbox.SnapshotAsync(Token)).Changes);
        Assert.Equal(("a.txt", WorkspaceEntry.Deleted), (change.Path, change.Entry));
    }

    [Fact]
    public async Task Checkpoint_WhenAnIgnoredSeededFileComesBack_HasItAgain()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("rm seeded.log; mv d /work/home/d; ln -s /work/home/d d");
        var without = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync("echo back > seeded.log; rm d; mv /work/home/d d; echo no > other.log");

        var with = await sandbox.CheckpointAsync(without.Commit, Token);

        var change = Assert.Single((await sandbox.SnapshotAsync(Token)).Changes);
        Assert.Equal(("seeded.log", "back\n"), (change.Path, Encoding.UTF8.GetString(change.Content.Span)));
        await sandbox.RestoreAllAsync([without]);
        Assert.Equal("gone\n", (await sandbox.ShellAsync("test -e seeded.log || echo gone")).Text());
        await sandbox.RestoreAllAsync([without, with]);
        Assert.Equal("back\nalso\n", (await sandbox.ShellAsync("cat seeded.log d/deep.log")).Text());
    }

    [Fact]
    public async Task Tidy_WhenAStaleWriterHasSaved_KeepsTheOthersCheckpoints()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("echo 1 > a.txt");
        var one = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync("echo 2 > a.txt");
        var two = await sandbox.CheckpointAsync(one.Commit, Token);
        await sandbox.ShellAsync("echo stale > a.txt; mkdir m; for i in $(seq 3000); do echo $i > m/$i; done");

        await sandbox.CheckpointAsync(null, Token);

        // The tidying goes on behind the answer; the next request waits for it.
        await sandbox.SnapshotAsync(Token);
        var loose = int.Parse((await sandbox.ShellAsync("find /work/.v4/shadow.git/objects -path '*/??/*' -type f | wc -l")).Text());
        Assert.InRange(loose, 0, 1_000);
        Assert.Empty(await sandbox.RestoreAllAsync([one, two]));
        Assert.Equal("2\n", (await sandbox.ShellAsync("cat a.txt")).Text());
    }

    [Fact]
    public async Task Restore_WhenACutCallLeftIgnoresAndLocks_RemovesThem()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("mkdir -p build/cache; echo '*' > build/cache/.gitignore; echo product > build/cache/p");
        var saved = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync(
            """
            mkdir -p h/i; echo '*' > h/.gitignore; echo '*' > h/i/.gitignore; echo x > h/x; echo '*' > d/.gitignore; echo new > d/new
            touch .git/index.lock .git/HEAD.lock .git/refs/heads/main.lock
            """);

        await sandbox.RestoreAllAsync([]);

        Assert.Equal("product\n", (await sandbox.ShellAsync("ls h d/.gitignore d/new 2>/dev/null; cat build/cache/p; test -e build/cache/.gitignore && git add a.txt && git commit -q --allow-empty -m m")).Text());
        await sandbox.ShellAsync("mkdir h; echo x > h/x");
        Assert.False((await sandbox.CheckpointAsync(null, Token)).IsUnchanged);
        Assert.True(saved.IsUnchanged);
    }

    [Fact]
    public async Task Restore_WhenTheRecordOfTheSeedWasChanged_SaysThatTheSandboxIsDamaged()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync(
            """
            git() { command git --git-dir=/work/.v4/shadow.git "$@"; }; tree=$(git write-tree --prefix=d/)
            printf $tree > /work/.v4/seeded; git commit-tree -m seed $tree > /work/.v4/shadow.git/refs/v4/seed
            """);
        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.RestoreAllAsync([]));
        Assert.Equal((false, false), (refused.IsRefusal, refused.IsTransient));
    }
}
