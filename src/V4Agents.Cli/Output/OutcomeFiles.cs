using V4Agents.Client;

namespace V4Agents.Cli.Output;

/// <summary>A finished task's patch, report and receipt as files.</summary>
internal static class OutcomeFiles
{
    /// <returns>The paths written; the patch is absent when the task ended without one.</returns>
    public static async Task<IReadOnlyList<string>> SaveAsync(TasksClient client, string task, string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        var written = new List<string>();
        async Task WriteAsync(string name, byte[] content)
        {
            var path = Path.Combine(directory, name);
            await File.WriteAllBytesAsync(path, content, cancellationToken);
            written.Add(path);
        }

        try
        {
            await WriteAsync("patch.diff", await client.PatchAsync(task, cancellationToken));
        }
        catch (ApiException e) when (e.Code == "no_patch")
        {
            // An older patch at this place would be taken for this task's.
            File.Delete(Path.Combine(directory, "patch.diff"));
        }

        await WriteAsync("report.md", await client.ReportAsync(task, cancellationToken));
        await WriteAsync("receipt.json", await client.ReceiptAsync(task, cancellationToken));
        return written;
    }
}
