using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class PatchTests : IDisposable
{
    private static readonly string[] Names =
        ["a.txt", "b.txt", "d/a.txt", "d/b", "d/e/c", "x", "x-y", "spa ce.txt", "ü漢字😀", "quo\"te", "back\\slash", "new\nline", "tab\there", "-dash", "z/-r"];

    private readonly GitHouse _house = new();

    private TempRepository Source => _house.Source;

    [Fact]
    public async Task Build_WhenNothingChanged_IsEmpty()
    {
        var commit = Source.Write("a.txt", "a").Commit();

        Assert.IsType<PatchOutcome.Empty>(await BuildAsync(WorkTreeSnapshot.Of(Source, commit)));
    }

    [Fact]
    public async Task Build_WhenFilesChange_CountsThem()
    {
        var commit = Source.Write("a.txt", "1\n2\n3\n").Write("gone", "x\n").Write("b.bin", [0, 1]).Commit();
        Source.Write("a.txt", "1\nzwei\n3\nvier\n").Remove("gone").Write("b.bin", [0, 2]).Write(".github/workflows/ci.yml", "on: push\n");

        var built = Assert.IsType<PatchOutcome.Built>(await BuildAsync(WorkTreeSnapshot.Of(Source, commit)));

        Assert.Equal((4, 3, 2), (built.Files, built.Additions, built.Deletions));
        Assert.Equal([".github/workflows/ci.yml", "a.txt", "b.bin", "gone"], built.Paths);
    }

    [Fact]
    public async Task Build_WhenUserHasDiffSettings_IsNotTouchedByThem()
    {
        var commit = Source.Write(".gitattributes", "*.txt diff=x -text\n").Write("a.txt", "a\r\nb").Commit();
        Source.Write("a.txt", "a\r\nc");

        await AppliesAsync(commit);
    }

    [Theory]
    [InlineData("crlf", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n")]
    [InlineData("mixed", "a\r\nb\nc", "a\r\nb\r\nc")]
    [InlineData("no newline", "a\nb", "a\nb\nc")]
    [InlineData("lost newline", "a\nb\n", "a\nb")]
    [InlineData("bom", "\ufeffa\n", "\ufeffb\n")]
    [InlineData("emptied", "a\n", "")]
    [InlineData("filled", "", "a")]
    public async Task Build_WhenLineEndsAreUnusual_AppliesExactly(string file, string before, string after)
    {
        var commit = Source.Write(file, before).Commit();
        Source.Write(file, after);

        await AppliesAsync(commit);
    }

    [Fact]
    public async Task Build_WhenKindsChange_AppliesExactly()
    {
        var commit = Source.Write("file", "f").Write("dir/a", "a").Write("dir/b/c", "c").Link("link", "file").Write("old/one", "same\ntext\n").Commit();
        Source.Remove("file").Write("file/inner", "i").Remove("dir").Write("dir", "now a file").Remove("link").Write("link", "now a file")
            .Remove("old/one").Write("new/one", "same\ntext\n").Link("fresh", "new/one");

        await AppliesAsync(commit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Build_WhenEditsAreRandom_AppliesExactly(int seed)
    {
        var random = new Random(seed);
        Edit(random, 12);
        var commit = Source.Commit();
        Edit(random, 12);
        Source.Write("always", $"{seed}");

        await AppliesAsync(commit);
    }

    [Theory]
    [InlineData(".git/hooks/pre-commit")]
    [InlineData("a/.GIT/config")]
    [InlineData("git~1/config")]
    [InlineData("GIT~1")]
    [InlineData(".g\u200cit/config")]
    [InlineData(".git./config")]
    [InlineData(".git /config")]
    [InlineData(".git::$INDEX_ALLOCATION/config")]
    [InlineData("a\\.git\\config")]
    [InlineData(".gitmodules")]
    [InlineData("GITMOD~1")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a\\..\\x")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/x")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("\ud800")]
    [InlineData("link/x")]
    public async Task Build_WhenPathIsForbidden_IsRefused(string path)
    {
        Source.Write("a.txt", "a").Link("link", "d").Write("d/x", "x").Commit();

        await RefusedAsync(new WorkspaceChange(path, WorkspaceEntry.File, "x"u8.ToArray()));
    }

    [Theory]
    [InlineData("l", "/etc/passwd")]
    [InlineData("l", "../x")]
    [InlineData("d/e/l", "../../../x")]
    [InlineData("l", "a/b/../../../x")]
    [InlineData("l", "deep/up/../../x")]
    [InlineData("l", "old/x")]
    [InlineData("l", ".git/hooks")]
    [InlineData("l", "d/.GIT")]
    [InlineData("l", "a\\b/../../x")]
    [InlineData("l", "C:\\x")]
    [InlineData("l", "")]
    [InlineData("l", "a\0")]
    public async Task Build_WhenLinkEscapes_IsRefused(string path, string target)
    {
        Source.Write("a.txt", "a").Link("deep/up", "..").Link("old", "/etc").Commit();

        await RefusedAsync(new WorkspaceChange(path, WorkspaceEntry.Symlink, Encoding.UTF8.GetBytes(target)));
    }

    [Fact]
    public async Task Build_WhenTooMuchChanged_IsRefused()
    {
        var commit = Source.Write("a.txt", "a").Commit();
        Source.Write("a.txt", "1234567890").Write("b.txt", "b");
        var snapshot = WorkTreeSnapshot.Of(Source, commit);

        Assert.Contains("2 files", Refused(await BuildAsync(snapshot, new PatchLimits(1, 100))));
        Assert.Contains("11 bytes", Refused(await BuildAsync(snapshot, new PatchLimits(2, 10))));
    }

    [Fact]
    public async Task Build_WhenDeletedContentIsHuge_IsRefused()
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        var commit = Source.Write("big", bytes).Commit();

        Assert.Contains("larger", Refused(await BuildAsync(WorkTreeSnapshot.Of(Source.Remove("big"), commit), new PatchLimits(9, 1_000))));
    }

    [Fact]
    public async Task Build_WhenTreeIsNotWhatChangesGive_IsRefused()
    {
        var commit = Source.Write("a.txt", "a").Commit();
        var snapshot = WorkTreeSnapshot.Of(Source.Write("b.txt", "b"), commit);

        Assert.Contains("while it was read", Refused(await BuildAsync(snapshot with { Changes = [] })));
    }

    [Fact]
    public async Task Build_WhenReportsContradict_IsRefused()
    {
        Source.Write("a.txt", "a").Commit();
        var file = new WorkspaceChange("n", WorkspaceEntry.File, default);

        await RefusedAsync(file, file);
        await RefusedAsync(file, file with { Path = "n/m" });
    }

    [Fact]
    public async Task Build_WhenBaseHasSubmodule_KeepsItAndRefusesToTouchIt()
    {
        var inner = Source.Write("a.txt", "a").Commit();
        Source.Git("update-index", "--add", "--cacheinfo", $"160000,{inner},sub");
        Source.Git("commit", "--quiet", "-m", "submodule");
        var change = new WorkspaceChange("a.txt", WorkspaceEntry.File, "b"u8.ToArray());

        var built = Assert.IsType<PatchOutcome.Built>(await BuildAsync(new("unknown", [change])));

        Assert.Equal(["a.txt"], built.Paths);
        var tree = TempRepository.RunIn(Directory.GetDirectories(_house.Mirrors).Single(), null, "ls-tree", built.Tree);
        Assert.Contains($"160000 commit {inner}\tsub", Encoding.UTF8.GetString(tree));
        await RefusedAsync(change with { Path = "sub/x" });
        await RefusedAsync(change with { Path = "sub" });
    }

    public void Dispose() => _house.Dispose();

    private static string Refused(PatchOutcome outcome) => Assert.IsType<PatchOutcome.Refused>(outcome).Reason;

    /// <summary>The tree is one that cannot match, so an attack that is let through would be refused for another reason: that one is told apart.</summary>
    private async Task RefusedAsync(params WorkspaceChange[] changes)
    {
        var reason = Refused(await BuildAsync(new(new string('0', 40), changes)));
        Assert.DoesNotContain("while it was read", reason);
        Assert.DoesNotContain("\0", reason);
    }

    private async Task<PatchOutcome> BuildAsync(WorkspaceSnapshot snapshot, PatchLimits? limits = null)
    {
        var ready = await _house.ReadyAsync();
        return await _house.Repositories.BuildPatchAsync(ready.Id, ready.Commit, snapshot, limits ?? PatchLimits.Default, GitHouse.Cancel);
    }

    private async Task AppliesAsync(string commit)
    {
        var snapshot = WorkTreeSnapshot.Of(Source, commit);
        var built = Assert.IsType<PatchOutcome.Built>(await BuildAsync(snapshot));
        var clone = Source.Beside("clone");
        TempRepository.RunIn(Source.Directory, null, "clone", "--quiet", "--no-hardlinks", "--template=", ".", clone);
        TempRepository.RunIn(clone, built.Diff, "apply", "--index", "--whitespace=nowarn", "-");

        Assert.Equal(built.Tree, Encoding.UTF8.GetString(TempRepository.RunIn(clone, null, "write-tree")).Trim());
        Assert.Equal(snapshot.Tree, built.Tree);
        Assert.Equal(snapshot.Changes.Select(change => change.Path).Order(StringComparer.Ordinal), built.Paths.Order(StringComparer.Ordinal));
    }

    private void Edit(Random random, int edits)
    {
        for (var i = 0; i < edits; i++)
        {
            var name = Names[random.Next(Names.Length)];
            if (name == "x" || File.Exists(Path.Combine(Source.Directory, "x")))
            {
                // A name that is a file at one time and a directory at another.
                Source.Remove("x");
                name = random.Next(2) == 0 ? "x" : "x/inner";
                Source.Remove("x");
            }

            switch (random.Next(6))
            {
                case 0:
                    Source.Remove(Path.Exists(Path.Combine(Source.Directory, name)) ? name : "nothing");
                    break;
                case 1:
                    Source.Link(name, "a.txt");
                    break;
                case 2:
                    var bytes = new byte[random.Next(3_000)];
                    random.NextBytes(bytes);
                    Source.Write(name, bytes, executable: random.Next(2) == 0);
                    break;
                default:
                    var end = random.Next(2) == 0 ? "\n" : "\r\n";
                    var lines = Enumerable.Range(0, random.Next(40)).Select(_ => $"line {random.Next(9)}");
                    Source.Write(name, Encoding.UTF8.GetBytes(string.Join(end, lines)), executable: random.Next(3) == 0);
                    break;
            }
        }
    }
}
