using System.Text;
using V4Agents.Core.Packing;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Core.Tests.Packing;

public sealed class RepositoryPackTests
{
    private static RepositoryFile File(string path, int size, WorkspaceEntry entry = WorkspaceEntry.File) => new(path, entry, new string('0', 40), size);

    [Fact]
    public void Choose_WhenEverythingFits_TakesAllTextSizedFiles()
    {
        RepositoryFile[] files = [File("a", 10), File("empty", 0), File("huge", 1_000_000), File("link", 5, WorkspaceEntry.Symlink)];

        Assert.Equal(["a"], RepositoryPack.Choose(files, 100).Select(file => file.Path));
    }

    [Fact]
    public void Choose_WhenItDoesNotFit_TakesNone() => Assert.Empty(RepositoryPack.Choose([File("a", 60), File("b", 60)], 100));

    [Fact]
    public void Render_LeavesBinaryOutAndNeutralisesControlCharactersInNames()
    {
        RepositoryFile[] files = [File("a\nb.txt", 2), File("c.bin", 3)];

        var pack = RepositoryPack.Render(files, files, [Encoding.UTF8.GetBytes("hi"), new byte[] { 1, 0, 2 }]);

        Assert.Equal("2 files\na�b.txt 2\nc.bin 3\n\n=== a�b.txt ===\nhi\n", pack);
    }
}
