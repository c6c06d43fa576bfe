using System.Text;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class CheckpointTests(SandboxEngine engine)
{
    // Everything about the work tree but the time: kinds, modes, targets, contents.
    private const string Listing =
        "find . -path ./.git -prune -o -printf '%P %y %m %l\\n' | sort; find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha1sum";

    private static readonly TestTree Tree = new TestTree()
        .Add(".gitattributes", "* text=auto eol=crlf ident\n*.bin filter=evil\n")
        .Add(".gitignore", "*.log\nbuild/\n")
        .Add("a.txt", "one\ntwo\n")
        .Add("id.txt", "$Id$\r\n")
        .Add("run", "#!/bin/sh\n", WorkspaceEntry.Executable)
        .Add("link", "a.txt", WorkspaceEntry.Symlink)
        .Add("d/e/f.txt", "deep\n")
        .Add("d/g.txt", "g\n");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Checkpoint_WhenNothingChanged_IsTheSeedAndSendsNothing()
    {
        var sandbox = await engine.OpenAsync();
        var tree = await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("touch a.txt; echo noise > x.log; mkdir build empty; echo o > build/o; chmod 600 id.txt");

        var first = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync("echo 1 > new");
        var second = await sandbox.CheckpointAsync(null, Token);
        var third = await sandbox.CheckpointAsync(second.Commit, Token);

        Assert.Equal((tree, true), (first.Tree, first.IsUnchanged));
        Assert.False(second.IsUnchanged);
        Assert.Equal((second.Tree, second.Commit, true), (third.Tree, third.Commit, third.IsUnchanged));
    }

    [Fact]
    public async Task Checkpoint_WhenAskedTwice_GivesTheSameCommitAndASmallBundle()
    {
        var sandbox = await engine.OpenAsync();
        var big = new TestTree().Add("big", Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7 / 3)).ToArray()).Add("small", "x");
        await sandbox.SeedAsync(big);
        await sandbox.ShellAsync("echo more >> big; echo new > small");

        var one = await sandbox.CheckpointAsync(null, Token);
        var two = await sandbox.CheckpointAsync(null, Token);

        Assert.Equal((one.Tree, one.Commit), (two.Tree, two.Commit));
        Assert.InRange(one.Bundle.Length, 100, 5_000);
        Assert.Equal(one.Bundle.Length, two.Bundle.Length);
    }

    [Fact]
    public async Task Restore_WhenTheSandboxIsRebuilt_GivesTheSameFilesModesAndLinks()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        var chain = new List<WorkspaceCheckpoint>();
        foreach (var step in (string[])[
            "printf 'x\\r\\ny' > a.txt; chmod +x id.txt; ln -sfn d link; printf '\\0\\377' > new.bin; echo $'odd' > $'na\\nme \\303\\266'",
            "rm -r d; echo file > d; mkdir -p p/q; echo q > p/q/r; mv run moved; echo '[filter \"evil\"]' > .gitconfig",
            "rm d; mkdir d; echo again > d/e; rm .gitattributes; ln -s /etc/passwd out; rm -r p; chmod -x moved"])
        {
            await sandbox.ShellAsync(step);
            chain.Add(await sandbox.CheckpointAsync(chain.LastOrDefault()?.Commit, Token));
        }

        var other = await engine.OpenAsync();
        await other.SeedAsync(Tree);
        var read = await other.RestoreAllAsync(chain);

        Assert.Equal([0, 1, 2], read);
        Assert.Equal((await sandbox.ShellAsync(Listing)).Text(), (await other.ShellAsync(Listing)).Text());
        Assert.True((await other.CheckpointAsync(chain[^1].Commit, Token)).IsUnchanged);
        Assert.Equal((await sandbox.SnapshotAsync(Token)).Changes.Count, (await other.SnapshotAsync(Token)).Changes.Count);

        // And back to each of them in place, without sending anything.
        await other.RestoreAllAsync(chain[..1]);
        Assert.Equal("x\r\ny", (await other.ShellAsync("cat a.txt; test -x run && test -L link")).Text());
        Assert.Empty(await other.RestoreAllAsync([]));
        Assert.Equal("one\ntwo\n", (await other.ShellAsync("cat a.txt; test -e new.bin")).Text());
        Assert.Empty(await other.RestoreAllAsync(chain));
        Assert.Equal((await sandbox.ShellAsync(Listing)).Text(), (await other.ShellAsync(Listing)).Text());
    }

    [Fact]
    public async Task Restore_WhenACallLeftTheTreeHalfChanged_PutsBackAndRemovesButKeepsIgnoredFiles()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("echo saved > s.txt; mkdir build; echo product > build/o; echo log > x.log");
        var saved = await sandbox.CheckpointAsync(null, Token);
        var before = (await sandbox.ShellAsync(Listing)).Text();
        await sandbox.ShellAsync(
            """
            git add -A; git commit -qm mine; echo half > a.txt; rm -r d; ln -s /work/home d; echo junk > junk; mkdir -p deep/er; echo j > deep/er/j; mkfifo pipe
            rm run; mkfifo run; rm link; mkdir link; echo l > link/l; rm .gitignore; mkdir shut; echo s > shut/s; mkdir -p hidden; printf '*.obj\n' > hidden/.gitignore; echo o > hidden/x.obj
            echo /work/home/precious > /work/home/e; touch /work/.v4/shadow.git/index.lock /work/.v4/shadow.git/HEAD.lock; chmod 000 shut; chmod 555 .
            """);

        Assert.Empty(await sandbox.RestoreAllAsync([saved]));

        Assert.Equal(before, (await sandbox.ShellAsync(Listing)).Text());
        Assert.Equal("mine\nproduct\nlog\n/work/home/precious\n", (await sandbox.ShellAsync("git log -1 --format=%s; cat build/o x.log /work/home/e")).Text());
        Assert.True((await sandbox.CheckpointAsync(saved.Commit, Token)).IsUnchanged);
    }

    [Fact]
    public async Task Restore_WhenADirectoryBecameALinkToItsMovedSelf_WritesNothingThroughIt()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("mv d /work/home/moved; ln -s /work/home/moved d; echo changed >> /work/home/moved/e/f.txt");

        await sandbox.RestoreAllAsync([]);

        Assert.Equal("deep\ndeep\nchanged\n", (await sandbox.ShellAsync("test ! -L d && cat d/e/f.txt /work/home/moved/e/f.txt")).Text());
    }

    [Theory]
    [InlineData("rm -rf /work/.v4/shadow.git")]
    [InlineData("rm -rf /work/.v4/shadow.git/refs /work/.v4/shadow.git/HEAD")]
    [InlineData("find /work/.v4/shadow.git/objects -type f -name '[0-9a-f]*' -delete")]
    [InlineData("echo garbage > /work/.v4/shadow.git/index; echo '[core' > /work/.v4/shadow.git/config")]
    public async Task Restore_WhenTheShadowRepositoryIsBroken_MakesItAgainAndFetchesEverything(string harm)
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("echo 1 > a.txt");
        var first = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync("echo 2 > a.txt");
        var second = await sandbox.CheckpointAsync(first.Commit, Token);
        await sandbox.ShellAsync(harm + "; echo 3 > a.txt; echo x > y");

        await sandbox.RestoreAllAsync([first, second]);

        Assert.Equal("2\n", (await sandbox.ShellAsync("cat a.txt; ls y 2>/dev/null")).Text());
        Assert.True((await sandbox.CheckpointAsync(second.Commit, Token)).IsUnchanged);
    }

    [Fact]
    public async Task Restore_WhenNothingIsLeftToRestoreFrom_SaysThatTheSandboxIsDamaged()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("rm -rf /work/.v4/shadow.git .git");

        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.RestoreAllAsync([]));
        Assert.Equal((false, false), (refused.IsRefusal, refused.IsTransient));
        Assert.Contains("a new sandbox can", refused.Message, StringComparison.Ordinal);
        var unsaved = await Assert.ThrowsAsync<SandboxException>(() => sandbox.CheckpointAsync(null, Token));
        Assert.True(unsaved.IsRefusal);
    }

    [Fact]
    public async Task Restore_WhenABundleIsNotTheChains_RefusesAndLeavesTheTree()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("echo 1 > a.txt");
        var one = await sandbox.CheckpointAsync(null, Token);
        await sandbox.ShellAsync("echo 2 > a.txt");
        var two = await sandbox.CheckpointAsync(one.Commit, Token);
        var damaged = one.Bundle.ToArray();
        damaged[^30] ^= 1;

        var other = await engine.OpenAsync();
        await other.SeedAsync(Tree);
        await other.ShellAsync("echo mine > a.txt");
        foreach (var chain in (WorkspaceCheckpoint[][])[
            [one with { Bundle = damaged }], [two], [one with { Bundle = two.Bundle }], [one with { Tree = two.Tree }], [one with { Bundle = "x"u8.ToArray() }]])
        {
            var refused = await Assert.ThrowsAsync<SandboxException>(() => other.RestoreAllAsync(chain));
            TestContext.Current.TestOutputHelper?.WriteLine(refused.Message);
            Assert.Equal("mine\n", (await other.ShellAsync("cat a.txt")).Text());
        }

        await other.RestoreAllAsync([one, two]);
        Assert.Equal("2\n", (await other.ShellAsync("cat a.txt")).Text());
    }

    [Fact]
    public async Task Checkpoint_WhenTheWorkTreeIsHostile_SavesRawBytesAndRunsNothing()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync(
            """
            git config filter.evil.clean 'touch /work/home/ran; cat'; git config filter.evil.smudge 'touch /work/home/ran; cat'
            printf '[core]\n\thooksPath = /work/repo/hooks\n\tfsmonitor = /work/repo/hooks/x\n' > ~/.gitconfig; mkdir hooks; printf '#!/bin/sh\ntouch /work/home/ran\n' | tee hooks/post-checkout hooks/x > /dev/null; chmod +x hooks/*
            printf 'a\r\n' > e.bin; printf '[submodule "x"]\n\tpath = -x\n\turl = ext::touch /work/home/ran\n' > .gitmodules; ln -s .gitmodules sub; mkdir 'git~1' '.git '; echo x > 'git~1/x'; echo y > '.git /y'
            git init -q inner; (cd inner; echo a > a; git add a; git -c user.name=x -c user.email=x commit -qm x)
            rm -f ~/ran
            """);
        var saved = await sandbox.CheckpointAsync(null, Token);
        Assert.True((await sandbox.CheckpointAsync(saved.Commit, Token)).IsUnchanged);

        var other = await engine.OpenAsync();
        await other.SeedAsync(Tree);
        await other.RestoreAllAsync([saved]);

        var changes = (await sandbox.SnapshotAsync(Token)).Changes;
        Assert.Equal(await Tree.With(changes).GitTreeAsync(), saved.Tree);
        Assert.Equal("a\r\n", (await other.ShellAsync("cat e.bin; ls ~ inner 2>/dev/null")).Text().Replace("/work/home:\n", "", StringComparison.Ordinal));
        Assert.Equal("no\n", (await sandbox.ShellAsync("test -e ~/ran || echo no")).Text());
    }

    [Fact]
    public async Task Checkpoint_WhenTooLarge_NamesTheLargestFileAndGoesOnAfterwards()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("head -c 70000000 /dev/urandom > large; echo small > small");
        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.CheckpointAsync(null, Token));
        Assert.True(refused.IsRefusal);
        Assert.Contains("'large' (70000000 bytes)", refused.Message, StringComparison.Ordinal);

        await sandbox.ShellAsync("rm large");
        Assert.InRange((await sandbox.CheckpointAsync(null, Token)).Bundle.Length, 1, 2000);
    }

    [Fact]
    public async Task Checkpoint_WhenHundredsWereTaken_LeavesFewLooseObjects()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        var chain = new List<WorkspaceCheckpoint>();
        for (var i = 0; i < 12; i++)
        {
            await sandbox.ShellAsync($"mkdir -p m; for i in $(seq 300); do echo {i} $i > m/$i; done");
            chain.Add(await sandbox.CheckpointAsync(chain.LastOrDefault()?.Commit, Token));
        }

        // The tidying goes on behind the answer; the next request waits for it.
        await sandbox.SnapshotAsync(Token);
        var loose = int.Parse((await sandbox.ShellAsync("find /work/.v4/shadow.git/objects/?? -type f | wc -l")).Text());
        Assert.InRange(loose, 0, 2_600);
        Assert.Empty(await sandbox.RestoreAllAsync(chain[..3]));
        Assert.Equal("2 7\n", (await sandbox.ShellAsync("cat m/7")).Text());
    }

    [Fact]
    public async Task Checkpoint_WhenItsPredecessorIsUnknown_IsRefused()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        foreach (var since in (string[])[new string('a', 40), "--help", "HEAD"])
        {
            Assert.True((await Assert.ThrowsAsync<SandboxException>(() => sandbox.CheckpointAsync(since, Token))).IsRefusal);
        }
    }
}
