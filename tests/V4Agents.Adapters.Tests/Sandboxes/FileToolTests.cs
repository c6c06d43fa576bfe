using System.Text.Json.Nodes;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

[Collection(SandboxCollection.Name)]
public sealed class FileToolTests(SandboxEngine engine)
{
    private static readonly TestTree Tree = new TestTree()
        .Add("src/a.py", "def f():\r\n    return 1\r\n")
        .Add("run.sh", "#!/bin/sh\n", WorkspaceEntry.Executable)
        .Add("wide.txt", new string('x', 2_000_000) + "\nsecond\n")
        .Add("blob.bin", [1, 0, 2])
        .Add("out", "/etc/passwd", WorkspaceEntry.Symlink)
        .Add("in", "src/a.py", WorkspaceEntry.Symlink);

    private async Task<ISandbox> SeededAsync()
    {
        var sandbox = await engine.OpenAsync();
        await sandbox.SeedAsync(Tree);
        return sandbox;
    }

    [Fact]
    public async Task View_WhenAFileADirectoryAndABinary_ShowsListsAndRefuses()
    {
        var sandbox = await SeededAsync();
        Assert.Equal("     2\t    return 1\n", (await sandbox.ToolAsync("view", new JsonObject { ["path"] = "src/a.py", ["start_line"] = 2 })).Text());
        Assert.Equal("blob.bin\nin -> src/a.py\nout -> /etc/passwd\nrun.sh\nsrc/\nwide.txt\n", (await sandbox.ToolAsync("view", new JsonObject { ["path"] = "." })).Text());
        var binary = await sandbox.ToolAsync("view", new JsonObject { ["path"] = "blob.bin" });
        Assert.Equal(1, binary.ExitCode);
        Assert.Contains("binary file (3 bytes)", binary.Text(), StringComparison.Ordinal);
        var wide = (await sandbox.ToolAsync("view", new JsonObject { ["path"] = "wide.txt" })).Text();
        Assert.EndsWith(" [... line cut, 1998000 more bytes]\n     2\tsecond\n", wide, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_WhenThereAreMatches_ListsThemByPath()
    {
        var sandbox = await SeededAsync();
        Assert.Equal("src/a.py:2:    return 1\n", (await sandbox.ToolAsync("search", new JsonObject { ["pattern"] = "return \\d" })).Text());
        Assert.Equal("No matches.\n", (await sandbox.ToolAsync("search", new JsonObject { ["pattern"] = "return", ["glob"] = "*.sh" })).Text());
        Assert.InRange((await sandbox.ToolAsync("search", new JsonObject { ["pattern"] = "xxx" })).Output.Length, 100, 1000);
        Assert.Equal(1, (await sandbox.ToolAsync("search", new JsonObject { ["pattern"] = "(" })).ExitCode);
    }

    [Fact]
    public async Task Edit_WhenTheFileHasCrlf_ChangesOnlyTheLine()
    {
        var sandbox = await SeededAsync();
        var result = await sandbox.ToolAsync("edit", new JsonObject { ["path"] = "in", ["old_string"] = "f():\n    return 1", ["new_string"] = "f():\n    return 2" });
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("def f():\\r\\n    return 2\\r\\n", (await sandbox.ShellAsync("test -L in && python3 -c \"print(repr(open('src/a.py',newline='').read())[1:-1], end='')\"")).Text());
    }

    [Fact]
    public async Task Edit_WhenTheTextIsAbsentOrAmbiguous_SaysWhere()
    {
        var sandbox = await SeededAsync();
        var absent = await sandbox.ToolAsync("edit", new JsonObject { ["path"] = "src/a.py", ["old_string"] = "  return 1\n  x", ["new_string"] = "y" });
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("Line 2", absent.Text(), StringComparison.Ordinal);
        var many = await sandbox.ToolAsync("edit", new JsonObject { ["path"] = "src/a.py", ["old_string"] = "r", ["new_string"] = "y" });
        Assert.Equal(1, many.ExitCode);
        Assert.Contains("occurs 2 times", many.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WhenTheFileExists_KeepsModeAndEndings()
    {
        var sandbox = await SeededAsync();
        await sandbox.ToolAsync("write", new JsonObject { ["path"] = "run.sh", ["content"] = "#!/bin/sh\necho hi\n" });
        await sandbox.ToolAsync("write", new JsonObject { ["path"] = "src/a.py", ["content"] = "a\nb\n" });
        await sandbox.ToolAsync("write", new JsonObject { ["path"] = "/work/repo/new/deep/file", ["content"] = "n" });
        Assert.Equal("hi\n6\nn", (await sandbox.ShellAsync("./run.sh; wc -c < src/a.py; cat new/deep/file")).Text());
    }

    [Theory]
    [InlineData("out")]
    [InlineData("../home/x")]
    [InlineData("/etc/x")]
    public async Task Write_WhenThePathLeavesTheWorkTree_Refuses(string path)
    {
        var sandbox = await SeededAsync();
        var result = await sandbox.ToolAsync("write", new JsonObject { ["path"] = path, ["content"] = "n" });
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("'path' must lie in /work/repo", result.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "{}", "'command' is missing")]
    [InlineData("view", "{\"path\":3}", "'path' must be a string")]
    [InlineData("view", "{\"path\":\".\",\"start_line\":0}", "'start_line' must be a whole number")]
    [InlineData("edit", "{\"path\":\"a\",\"old_string\":\"\",\"new_string\":\"\"}", "'old_string' must not be empty")]
    [InlineData("write", "[]", "must be a JSON object")]
    [InlineData("write", "{", "not valid JSON")]
    [InlineData("browse", "{}", "no tool 'browse'")]
    public async Task Tool_WhenAnArgumentIsBad_NamesIt(string tool, string arguments, string reason)
    {
        var sandbox = await engine.OpenAsync();
        var result = await sandbox.RunAsync(new SandboxCall("bad", tool, arguments, TimeSpan.FromSeconds(9)), progress: null, TestContext.Current.CancellationToken);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, result.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/random")]
    [InlineData("socket")]
    [InlineData("/proc/self/task/1/nothing")]
    [InlineData("through")]
    [InlineData("a\0b")]
    public async Task Tool_WhenThePathIsNoFile_RefusesInsteadOfHanging(string path)
    {
        var sandbox = await SeededAsync();
        await sandbox.ShellAsync("mkfifo pipe; ln -s pipe through; python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('socket')\"");
        foreach (var (tool, arguments) in ((string, JsonObject)[])[
            ("view", new JsonObject { ["path"] = path }),
            ("edit", new JsonObject { ["path"] = path, ["old_string"] = "a", ["new_string"] = "b" })])
        {
            var result = await sandbox.RunAsync(SandboxCalls.Call(tool, arguments, TimeSpan.FromSeconds(20)), progress: null, TestContext.Current.CancellationToken);
            Assert.Equal((1, false), (result.ExitCode, result.TimedOut));
            Assert.NotEqual("", result.Text());
        }
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("through")]
    [InlineData("src")]
    public async Task Write_WhenThePathIsNoFile_RefusesAndLeavesIt(string path)
    {
        var sandbox = await SeededAsync();
        await sandbox.ShellAsync("mkfifo pipe; ln -s pipe through");
        Assert.Equal(1, (await sandbox.ToolAsync("write", new JsonObject { ["path"] = path, ["content"] = "n" })).ExitCode);
        Assert.Equal("yes\n", (await sandbox.ShellAsync("test -p pipe && test -L through && test -d src && echo yes")).Text());
    }

    [Fact]
    public async Task Bash_WhenTheSystemCannotTakeTheArguments_IsRefused()
    {
        var sandbox = await SeededAsync();
        foreach (var arguments in (JsonObject[])[
            new() { ["command"] = "echo a\0b" },
            new() { ["command"] = "true", ["env"] = new JsonObject { ["A\0"] = "b" } },
            new() { ["command"] = "echo " + new string('x', 3_000_000) }])
        {
            Assert.Equal(1, (await sandbox.ToolAsync("bash", arguments)).ExitCode);
        }
    }
}
