using System.Text;
using V4Agents.Core.Workflows;
using V4Agents.Service.Workflows;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Workflows;

public sealed class WorkflowFileTests
{
    private static readonly string Shipped = Encoding.UTF8.GetString(WorkflowLibrary.Find(WorkflowLibrary.Default)!);

    [Fact]
    public async Task Read_OfEachShippedWorkflow_Succeeds()
    {
        var file = await WorkflowFile.LoadAsync(TestContext.Current.CancellationToken);

        var names = WorkflowLibrary.Names.Select(name => file.Read(WorkflowLibrary.Find(name)!).Name);

        Assert.Equal(WorkflowLibrary.Names, names);
        Assert.Contains(WorkflowLibrary.Default, WorkflowLibrary.Names);
    }

    [Fact]
    public async Task Read_OfIssueToPatch_GivesTheFilesNumbers()
    {
        var workflow = await ReadAsync(Shipped);

        Assert.Equal(new Core.Budgets.Budget(200, 5m, TimeSpan.FromHours(4)), workflow.Budget);
        Assert.Equal(
            (3, 2, 30, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(20), 400_000),
            (workflow.GateAttempts, workflow.Nudges, workflow.ModelAttempts, workflow.CallTimeout, workflow.CheckTimeout, workflow.PackBytes));
        Assert.Contains("{{pack}}", workflow.Prompts.Task, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gate_attempts: 3", "gate_attempts: three", 1, "'gate_attempts' must be a whole number")]
    [InlineData("  steps: 200", "  steps: 0", 3, "'budget.steps' is too small (at least 1)")]
    [InlineData("  usd: 5", "  usd: 0", 3, "'budget.usd' is too small")]
    [InlineData("nudges: 2", "nudges: \"2\"", 1, "'nudges' must be a whole number")]
    [InlineData("call_timeout: 10m", "call_timeout: 10 minutes", 1, "'call_timeout' must be a duration")]
    [InlineData("nudges: 2", "nudges: 2\nnudges: 3", 1, "the key 'nudges' stands here a second time")]
    [InlineData("nudges: 2", "nudges: 2\nretries: 3", 1, "'retries' is not a field of a workflow")]
    [InlineData("  usd: 5", "  usd: 5\n  euro: 5", 3, "'budget.euro' is not a field of a workflow")]
    [InlineData("  usd: 5", "\tusd: 5", 1, "a tab stands in the indentation")]
    [InlineData("nudges: 2", "nudges: &n 2", 1, "anchors and tags are not allowed")]
    [InlineData("    {{triage}}", "    {{secrets}}", 5, "the prompt 'task' has no placeholder 'secrets'")]
    [InlineData("    {{triage}}", "    {{triage", 5, "'{{' does not open a placeholder")]
    public async Task Read_WhenOneThingIsWrong_NamesLineAndColumn(string line, string broken, int column, string says)
    {
        var text = Shipped.Replace($"\n{line}\n", $"\n{broken}\n", StringComparison.Ordinal);
        var faulty = broken.Split('\n').Last();
        var number = Array.IndexOf(text.Split('\n'), faulty) + 1;

        var refused = await Assert.ThrowsAsync<WorkflowException>(() => ReadAsync(text));

        Assert.NotEqual(Shipped, text);
        var fault = Assert.Single(refused.Message.Split('\n'), part => part.Contains(says, StringComparison.Ordinal));
        Assert.StartsWith($"  line {number}, column ", fault, StringComparison.Ordinal);
        var at = int.Parse(fault.Split("column ")[1].Split(':')[0]);
        Assert.True(at >= column, $"{fault} stands before column {column}");
    }

    [Fact]
    public async Task Read_WhenAFieldIsMissing_NamesIt()
    {
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => ReadAsync(Shipped.Replace("\npack_bytes: 400000\n", "\n", StringComparison.Ordinal)));

        Assert.Contains("'pack_bytes' is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhenThePromptDropsTheIssue_SaysSo()
    {
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => ReadAsync(Shipped.Replace("{{issue}}", "the issue", StringComparison.Ordinal)));

        Assert.Contains("the prompt 'task' must use {{issue}}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the prompt 'triage' must use {{issue}}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a list\n")]
    [InlineData("name: [unclosed\n")]
    [InlineData("a: &x [1]\nb: *x\n")]
    [InlineData("just words")]
    public async Task Read_WhenItIsNoWorkflowAtAll_IsRefusedWithAPlace(string text)
    {
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => ReadAsync(text));

        Assert.Contains("line ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_WhenBytesAreNotText_IsRefused()
    {
        var file = await WorkflowFile.LoadAsync(TestContext.Current.CancellationToken);

        Assert.Contains("not UTF-8", Assert.Throws<WorkflowException>(() => file.Read(new byte[] { 0xff, 0xfe, 0x00 })).Message, StringComparison.Ordinal);
    }

    private static async Task<Workflow> ReadAsync(string text) =>
        (await WorkflowFile.LoadAsync(TestContext.Current.CancellationToken)).Read(Encoding.UTF8.GetBytes(text));
}
