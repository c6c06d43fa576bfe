using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

public sealed class ExportTests : IDisposable
{
    private static readonly string Long = string.Join('/', Enumerable.Repeat("directory-with-a-name", 8)) + "/file.txt";
    private readonly GitHouse _house = new();

    private TempRepository Source => _house.Source;

    [Fact]
    public async Task List_WhenTreeHasAllKinds_IsOrdinalWithSizes()
    {
        Source.Write("b.txt", "bb").Write("a/z", "z").Write("a-b", "").Write("run.sh", "x"u8.ToArray(), executable: true).Link("link", "a/z");
        Submodule();
        Source.Commit();
        var ready = await _house.ReadyAsync();

        var files = await _house.Repositories.ListAsync(ready.Id, ready.Commit, GitHouse.Cancel);

        Assert.Equal(
            [
                ("a-b", WorkspaceEntry.File, 0L), ("a/z", WorkspaceEntry.File, 1), ("b.txt", WorkspaceEntry.File, 2),
                ("link", WorkspaceEntry.Symlink, 3), ("run.sh", WorkspaceEntry.Executable, 1),
            ],
            files.Where(file => file.Path != ".gitmodules").Select(file => (file.Path, file.Entry, file.Size)));
        Assert.Equal(ready.Files, files.Count);
    }

    [Fact]
    public async Task Read_WhenBlobsAreBinaryOrCrlf_GivesRawBytesInOrder()
    {
        byte[] binary = [0, 255, 13, 10, 0];
        Source.Write(".gitattributes", "* text=auto eol=crlf\n").Commit();
        Source.Write("a.bin", binary).Write("b.txt", "x\ny\n").Commit();
        var ready = await _house.ReadyAsync();
        var blobs = (await _house.Repositories.ListAsync(ready.Id, ready.Commit, GitHouse.Cancel)).ToDictionary(file => file.Path, file => file.Blob);

        var contents = await _house.Repositories.ReadAsync(ready.Id, [blobs["b.txt"], blobs["a.bin"], blobs["b.txt"]], GitHouse.Cancel);

        Assert.Equal(["x\ny\n"u8.ToArray(), binary, "x\ny\n"u8.ToArray()], contents.Select(content => content.ToArray()));
    }

    [Fact]
    public async Task Read_WhenMirrorIsGone_SaysWhatToDo()
    {
        var e = await Assert.ThrowsAsync<RepositoryException>(() => _house.Repositories.ReadAsync(new("r-00"), [], GitHouse.Cancel));

        Assert.False(e.IsTransient);
    }

    [Fact]
    public async Task Tar_WhenUnpackedByTar_GivesTheSameTree()
    {
        Source.Write("plain.txt", "a\r\nb").Write("run.sh", "#!/bin/sh\n"u8.ToArray(), executable: true).Write("spa ce/ü ñ 漢字 😀.txt", "u")
            .Write("new\nline", "n").Write("quo\"te'\\=1", "q").Write(Long, "l").Write("empty", "").Link("to", Long).Link("d/up", "../plain.txt")
            .Link("ü-link", "spa ce").Write("lfs.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n");
        Source.Commit();
        var ready = await _house.ReadyAsync();

        var tar = await TarAsync(ready);

        var unpacked = Directory.CreateDirectory(Source.Beside("unpacked")).FullName;
        using (var process = Process.Start(new ProcessStartInfo("tar", ["-xf", "-", "-C", unpacked]) { RedirectStandardInput = true })!)
        {
            process.StandardInput.BaseStream.Write(tar);
            process.StandardInput.Close();
            await process.WaitForExitAsync(GitHouse.Cancel);
            Assert.Equal(0, process.ExitCode);
        }

        TempRepository.RunIn(unpacked, null, "init", "--quiet", "--template=");
        TempRepository.RunIn(unpacked, null, "add", "--all", "--force");
        Assert.Equal(ready.Tree, Encoding.UTF8.GetString(TempRepository.RunIn(unpacked, null, "write-tree")).Trim());
        Assert.Equal(tar, await TarAsync(ready));
    }

    [Fact]
    public async Task Tar_WhenRead_HasOwnerTimeDirectoriesAndEmptySubmodules()
    {
        Source.Write("d/e/a.txt", "a");
        Submodule();
        Source.Commit();
        var ready = await _house.ReadyAsync();

        using var tar = new TarReader(new MemoryStream(await TarAsync(ready)));
        var entries = new List<TarEntry>();
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            entries.Add(entry);
        }

        Assert.Equal(["d/", "d/e/", "d/e/a.txt", "sub/"], entries.Select(entry => entry.Name).Where(name => name != ".gitmodules"));
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(Source.Git("log", "-1", "--format=%ct"), null));
        Assert.All(entries, entry => Assert.Equal((1000, 1000, at), (entry.Uid, entry.Gid, entry.ModificationTime)));
    }

    [Fact]
    public async Task Everything_WhenRepositoryHas20000Files_IsQuick()
    {
        var text = string.Concat(Enumerable.Range(0, 60).Select(i => $"line {i} of the file\n"));
        for (var i = 0; i < 20_000; i++)
        {
            Source.Write($"d{i % 200}/e{i % 10}/file{i}.cs", $"// {i}\n{text}");
        }

        Source.Commit();
        var clock = Stopwatch.StartNew();
        TimeSpan Lap()
        {
            var lap = clock.Elapsed;
            clock.Restart();
            return lap;
        }

        var ready = await _house.ReadyAsync();
        var first = Lap();
        await _house.ReadyAsync();
        var again = Lap();
        var files = await _house.Repositories.ListAsync(ready.Id, ready.Commit, GitHouse.Cancel);
        var list = Lap();
        await _house.Repositories.ReadAsync(ready.Id, files.Select(file => file.Blob).ToList(), GitHouse.Cancel);
        var read = Lap();
        var tar = await TarAsync(ready);
        var export = Lap();
        var snapshot = WorkTreeSnapshot.Of(Source.Write("d7/e7/file7.cs", "changed\n"), ready.Commit);
        Lap();
        var patch = await _house.Repositories.BuildPatchAsync(ready.Id, ready.Commit, snapshot, PatchLimits.Default, GitHouse.Cancel);
        var build = Lap();

        TestContext.Current.SendDiagnosticMessage(
            $"20,000 files: prepare {first.TotalSeconds:0.00} s, again {again.TotalSeconds:0.00}, list {list.TotalSeconds:0.00}, read {read.TotalSeconds:0.00}, "
            + $"tar {export.TotalSeconds:0.00} ({tar.Length:N0} bytes), patch {build.TotalSeconds:0.00}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"prepare {first} again {again} list {list} read {read} tar {export} ({tar.Length:N0} bytes) patch {build}");
        Assert.Equal((20_000, 20_000), (ready.Files, files.Count));
        Assert.IsType<PatchOutcome.Built>(patch);
        Assert.True(export < TimeSpan.FromSeconds(30), $"the tar took {export}");
    }

    public void Dispose() => _house.Dispose();

    private void Submodule()
    {
        var inner = Directory.CreateDirectory(Source.Beside("inner")).FullName;
        TempRepository.RunIn(inner, null, "init", "--quiet", "--template=");
        TempRepository.RunIn(inner, null, "commit", "--quiet", "--allow-empty", "-m", "inner");
        Source.Git("submodule", "--quiet", "add", inner, "sub");
    }

    private async Task<byte[]> TarAsync(PreparedRepository ready)
    {
        using var tar = new MemoryStream();
        await _house.Repositories.WriteTarAsync(ready.Id, ready.Commit, tar, GitHouse.Cancel);
        return tar.ToArray();
    }
}
