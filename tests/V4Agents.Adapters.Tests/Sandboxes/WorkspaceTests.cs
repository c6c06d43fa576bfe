using System.Diagnostics;
using System.Text;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class WorkspaceTests(SandboxEngine engine)
{
    private static readonly TestTree Tree = new TestTree()
        .Add(".gitattributes", "* text=auto eol=lf ident\n*.utf16 working-tree-encoding=UTF-16\n")
        .Add(".gitignore", "*.log\nbuild/\n")
        .Add("seeded.log", "ignored but tracked\n")
        .Add("crlf.txt", "a\r\nb\r\n")
        .Add("id.txt", "$Id: 1234 $\n")
        .Add("x.utf16", [0xFF, 0xFE, 65, 0, 10, 0])
        .Add("run", "#!/bin/sh\n", WorkspaceEntry.Executable)
        .Add("link", "crlf.txt", WorkspaceEntry.Symlink)
        .Add("sp ace/ümlaut 漢\nline", "odd\n")
        .Add("back\\slash", "b\n")
        .Add(string.Join('/', Enumerable.Repeat("a-rather-long-directory-name", 8)) + "/file", "deep\n")
        .Add("gone.txt", "bye\n");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Seed_WhenTheTreeIsOdd_GivesGitsOwnTreeIdAndACleanRepository()
    {
        var sandbox = await engine.OpenAsync();
        var tree = await sandbox.SeedAsync(Tree);
        Assert.Equal(await Tree.GitTreeAsync(), tree);
        Assert.Equal("## main\nbase v4\n", (await sandbox.ShellAsync("git status --short --branch; git log --format='%s %an'; git fsck")).Text());
        Assert.Equal(new WorkspaceSnapshot(tree, []).Tree, (await sandbox.SnapshotAsync(Token)).Tree);
    }

    [Fact]
    public async Task Seed_WhenDoneBefore_DoesNothing()
    {
        var sandbox = await engine.OpenAsync();
        var tree = await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("echo kept > mine");
        Assert.Equal(tree, await sandbox.SeedAsync(new TestTree().Add("other", "x")));
        Assert.Equal("kept\n", (await sandbox.ShellAsync("cat mine")).Text());
    }

    [Fact]
    public async Task Seed_WhenAnEarlierOneBrokeOff_StartsClean()
    {
        var sandbox = await engine.OpenAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => sandbox.SeedAsync(
            async (stream, token) =>
            {
                await new TestTree().Add("left-over", new byte[600_000]).WriteTarAsync(stream, token);
                throw new InvalidDataException("the source broke");
            },
            Token));
        Assert.Equal(await Tree.GitTreeAsync(), await sandbox.SeedAsync(Tree));
    }

    [Fact]
    public async Task Seed_When20000Files_IsQuick()
    {
        var tree = new TestTree();
        for (var i = 0; i < 20_000; i++)
        {
            tree.Add($"d{i / 200}/f{i}.txt", $"{i}\n" + new string('x', i % 3000));
        }

        var sandbox = await engine.OpenAsync();
        var clock = Stopwatch.StartNew();
        var id = await sandbox.SeedAsync(tree);
        var seed = clock.Elapsed;
        clock.Restart();
        await sandbox.SnapshotAsync(Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"20,000 files: seed {seed.TotalSeconds:0.0} s, snapshot {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.Equal(await tree.GitTreeAsync(), id);
    }

    [Fact]
    public async Task Snapshot_WhenEverythingKindOfThingChanged_ReportsRawBytesAndModes()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync(
            """
            printf 'a\r\nB\r\n' > crlf.txt; rm gone.txt; chmod +x id.txt; ln -sfn run link; printf 'x\0\377y' > bin
            printf 'n\n' > $'new \303\266\nfile'; echo more >> seeded.log; echo no > other.log; mkdir build; echo no > build/out
            git init -q inner; (cd inner; echo a > a; git add a; git -c user.name=x -c user.email=x commit -qm x); git init -q empty; echo a > empty/a
            echo '* -text' > .git/info/attributes; echo '#!/bin/sh' > .git/hooks-ran; rm -rf .git
            """);

        var snapshot = await sandbox.SnapshotAsync(Token);

        Assert.Equal(
            [
                "bin|File|x\0\u00FFy",
                "crlf.txt|File|a\r\nB\r\n",
                "gone.txt|Deleted|",
                "id.txt|Executable|$Id: 1234 $\n",
                "link|Symlink|run",
                "new ö\nfile|File|n\n",
                "seeded.log|File|ignored but tracked\nmore\n",
            ],
            snapshot.Changes.Select(c => $"{c.Path}|{c.Entry}|{Encoding.Latin1.GetString(c.Content.Span)}").Order(StringComparer.Ordinal));
        var after = await Tree.With(snapshot.Changes).GitTreeAsync();
        Assert.Equal(after, snapshot.Tree);
    }

    [Fact]
    public async Task Snapshot_WhenTheChangesAreTooLarge_SaysSo()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        await sandbox.ShellAsync("head -c 70000000 /dev/urandom > large");
        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.SnapshotAsync(Token));
        Assert.False(refused.IsTransient);
        Assert.Contains("larger than 64 MiB", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PutFile_WhenNamed_IsReadableOutsideTheWorkTree()
    {
        var sandbox = await engine.OpenAsync();
        var path = await sandbox.PutFileAsync("report.xml", "hello"u8.ToArray(), Token);
        Assert.Equal("hello", (await sandbox.ShellAsync($"cat {path}")).Text());
        await Assert.ThrowsAsync<SandboxException>(() => sandbox.PutFileAsync("../x", default, Token));
    }
}
