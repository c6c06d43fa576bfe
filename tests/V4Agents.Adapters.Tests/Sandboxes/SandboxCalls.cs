using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using V4Agents.Core.Sandboxing;
using Xunit;

namespace V4Agents.Adapters.Tests.Sandboxes;

internal static class SandboxCalls
{
    public static SandboxCall Call(string tool, JsonObject arguments, TimeSpan? timeout = null, string? id = null) =>
        new(id ?? Guid.NewGuid().ToString("N"), tool, arguments.ToJsonString(), timeout ?? TimeSpan.FromSeconds(60));

    public static SandboxCall Shell(string command, TimeSpan? timeout = null, string? id = null) =>
        Call("bash", new JsonObject { ["command"] = command }, timeout, id);

    public static Task<CallResult> ShellAsync(this ISandbox sandbox, string command, TimeSpan? timeout = null, string? id = null) =>
        sandbox.RunAsync(Shell(command, timeout, id), progress: null, TestContext.Current.CancellationToken);

    public static Task<CallResult> ToolAsync(this ISandbox sandbox, string tool, JsonObject arguments) =>
        sandbox.RunAsync(Call(tool, arguments), progress: null, TestContext.Current.CancellationToken);

    public static string Text(this CallResult result) => Encoding.UTF8.GetString(result.Output.Span);

    public static Task<string> SeedAsync(this ISandbox sandbox, TestTree tree) =>
        sandbox.SeedAsync(tree.WriteTarAsync, TestContext.Current.CancellationToken);

    /// <returns>The indices of the bundles that the sandbox asked for.</returns>
    public static async Task<IReadOnlyList<int>> RestoreAllAsync(this ISandbox sandbox, IReadOnlyList<WorkspaceCheckpoint> chain)
    {
        var read = new List<int>();
        await sandbox.RestoreAsync(
            [.. chain.Select(saved => saved with { Bundle = default })],
            (index, _) =>
            {
                read.Add(index);
                return Task.FromResult(chain[index].Bundle);
            },
            TestContext.Current.CancellationToken);
        return read;
    }
}
