using System.Text;
using System.Text.Json;
using V4Agents.Client;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests;

public sealed class SubmitTests
{
    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Submit_OnARepositoryNeverSeen_GivesAPatchThatAppliesThere(string stream)
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch(), ("V4_MODEL_STREAM", stream));
        var outcome = Path.Combine(house.Home, "outcome");

        var ran = await house.V4Async(
            "submit", "--repo", repository.Path, "--ref", "main", "--issue", "The value must be two.", "--check", Scripts.Check, "--wait", "--out", outcome);

        Assert.True(ran.ExitCode == 0, ran.ToString());
        await repository.GitAsync("apply", Path.Combine(outcome, "patch.diff"));
        Assert.Equal("2\n", File.ReadAllText(Path.Combine(repository.Path, "value.txt")));
        using var receipt = JsonDocument.Parse(File.ReadAllText(Path.Combine(outcome, "receipt.json")));
        var check = receipt.RootElement.GetProperty("gate").GetProperty("checks")[0];
        Assert.Equal((1, 0), (check.GetProperty("exit_code_before").GetInt32(), check.GetProperty("exit_code_after").GetInt32()));
        Assert.True(receipt.RootElement.GetProperty("cost").GetProperty("usd").GetDecimal() > 0);
        Assert.Contains("**Verified.**", File.ReadAllText(Path.Combine(outcome, "report.md")), StringComparison.Ordinal);
        Assert.All(house.Simulator.Requests, request => Assert.Equal(stream == "true", request.Stream));
        Assert.Empty(await House.ContainersOfAsync(receipt.RootElement.GetProperty("task").GetString()!));
    }

    [Fact]
    public async Task Submit_WhenTheSameKeyComesTwice_IsOneTask()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());
        await house.ServeAsync();
        var request = new SubmitBody(repository.Path, "The value must be two.", [Scripts.Check]);

        var first = await house.Client.SubmitAsync(request, "key-1", default);
        var second = await house.Client.SubmitAsync(request, "key-1", default);
        var conflict = await Assert.ThrowsAsync<ApiException>(() => house.Client.SubmitAsync(request with { Issue = "Other." }, "key-1", default));

        Assert.True(first.Created);
        Assert.False(second.Created);
        Assert.Equal(first.Task.Id, second.Task.Id);
        Assert.Equal("conflict", conflict.Code);
        Assert.Equal("verified", (await house.FinishedAsync(first.Task.Id)).Outcome);
        Assert.Single((await house.Client.ListAsync(10, null, default)).Items);
    }

    [Fact]
    public async Task Cancel_DuringAModelCall_AnswersAtOnceAndNoCallFollows()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of($"fault: {{hold: true}}\n{Scripts.Fix()}"));
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(new SubmitBody(repository.Path, "x", [Scripts.Check]), null, default)).Task.Id;
        await house.Simulator.WaitForAsync(request => request.State == RequestState.Held, default).WaitAsync(Programs.Limit);

        var status = await house.Client.GetAsync(task, default).WaitAsync(TimeSpan.FromSeconds(5));
        var cancelled = await house.Client.CancelAsync(task, "enough", default).WaitAsync(TimeSpan.FromSeconds(5));
        await house.Simulator.WaitForAsync(request => request.Disconnected, default).WaitAsync(TimeSpan.FromSeconds(10));
        var finished = await house.FinishedAsync(task);

        Assert.Contains("model call", status.Activity, StringComparison.Ordinal);
        Assert.True(cancelled.CancelRequested);
        Assert.Equal("cancelled", finished.Outcome);
        Assert.Equal(1, house.Simulator.Requests.Count(request => request.Role == "solver"));
        Assert.Empty(await House.ContainersOfAsync(task));
    }

    [Fact]
    public async Task Events_FromASequenceNumber_ComeOnceAndInOrder()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.GreenPatch());
        await house.ServeAsync();
        var task = (await house.Client.SubmitAsync(new SubmitBody(repository.Path, "x", [Scripts.Check]), null, default)).Task.Id;
        await house.FinishedAsync(task);

        var tail = new List<long>();
        await foreach (var update in house.Client.EventsAsync(task, after: 5, default))
        {
            tail.Add(Assert.IsType<TaskUpdate.Recorded>(update).Event.Seq);
        }

        Assert.Equal(Enumerable.Range(6, tail.Count).Select(seq => (long)seq), tail);
    }

    [Fact]
    public async Task Submit_OfALargeRepositoryWithEveryKindOfFile_ChangesNothingElse()
    {
        using var repository = await GitFolder.CreateAsync([.. Enumerable.Range(0, 20_000).Select(i => ($"many/{i % 100}/file {i}.txt", $"{i}\n"))]);
        repository.Write("value.txt", "1\n");
        repository.Write("dos.txt", "first\r\nsecond\r\nthird");
        repository.Write("mit leerzeichen/größe 日本.txt", "ä\n");
        repository.Write(".gitattributes", "*.txt text=auto\ndos.txt -text\n");
        File.WriteAllBytes(Path.Combine(repository.Path, "image.bin"), [0, 1, 2, 255, 0, 13, 10]);
        File.CreateSymbolicLink(Path.Combine(repository.Path, "link"), "value.txt");
        File.CreateSymbolicLink(Path.Combine(repository.Path, "dangling"), "nowhere/at all");
        await repository.CommitAsync();
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Fix(),
            Scripts.Call("edit", "{path: dos.txt, old_string: \"first\\nsecond\", new_string: \"first\\n2nd\"}"),
            Scripts.Call("write", "{path: \"neu/mit leerzeichen é.txt\", content: \"neu\\n\"}"),
            Scripts.Bash("printf \"\\\\000\\\\001\" > new.bin; rm \"many/7/file 7.txt\"; ln -s value.txt link2"),
            Scripts.Submit()));
        var outcome = Path.Combine(house.Home, "outcome");

        var ran = await house.V4Async(
            "submit", "--repo", repository.Path, "--issue", "The value must be two.", "--check", Scripts.Check, "--wait", "--out", outcome);

        Assert.True(ran.ExitCode == 0, ran.ToString());
        await repository.GitAsync("apply", "--index", Path.Combine(outcome, "patch.diff"));
        Assert.Equal(
            ["D\tmany/7/file 7.txt", "A\tlink2", "A\tneu/mit leerzeichen é.txt", "A\tnew.bin", "M\tdos.txt", "M\tvalue.txt"],
            (await repository.GitAsync("-c", "core.quotepath=false", "diff", "--cached", "--name-status", "-z"))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries).Chunk(2).Select(pair => $"{pair[0]}\t{pair[1]}").OrderBy(line => line[0] switch { 'D' => 0, 'A' => 1, _ => 2 }).ThenBy(line => line, StringComparer.Ordinal));
        Assert.Equal("first\r\n2nd\r\nthird", File.ReadAllText(Path.Combine(repository.Path, "dos.txt")));
        Assert.Equal([0, 1], File.ReadAllBytes(Path.Combine(repository.Path, "new.bin")));
        Assert.Equal("value.txt", new FileInfo(Path.Combine(repository.Path, "link2")).LinkTarget);
    }

    [Fact]
    public async Task Submit_WhenTheGateNeverPasses_EndsGateFailedWithThePatchKept()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(Scripts.Of(
            Scripts.Bash("echo 3 > value.txt"), Scripts.Submit(), Scripts.Submit(), Scripts.Submit()));
        var outcome = Path.Combine(house.Home, "outcome");

        var ran = await house.V4Async("submit", "--repo", repository.Path, "--issue", "x", "--check", Scripts.Check, "--wait", "--out", outcome);

        Assert.True(ran.ExitCode == 3, ran.ToString());
        Assert.Contains("\n+3\n", Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(outcome, "patch.diff"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Demo_EndsWithAPassedGateAndLeavesNothingRunning()
    {
        await using var house = await House.CreateAsync(scenario: null, ("V4_MODEL_URL", ""), ("V4_MODEL_KEY", ""));

        var ran = await house.V4Async("demo");

        Assert.True(ran.ExitCode == 0, ran.ToString());
        Assert.Matches(@"^gate passed: \d+ checks?, patch \d+ files? \+\d+ -\d+, cost \$\d+\.\d+, wall \d+(\.\d+)?s$", ran.LastLine);
        var left = await Programs.RunAsync("pgrep", ["-f", house.Home]);
        Assert.Equal("", left.Output);
    }
}
