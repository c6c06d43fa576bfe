namespace V4Agents.Chaos.World;

/// <summary>The containers of one database's tasks on one engine.</summary>
internal sealed class Containers(string host, string instance)
{
    /// <summary>Name and task of each, running or not.</summary>
    public async Task<IReadOnlyList<(string Name, string Task, bool Runs)>> ListAsync()
    {
        var listed = await DockerAsync(
            "ps", "-a", "--filter", $"label=v4.instance={instance}", "--format", "{{.Names}}\t{{.Label \"v4.task\"}}\t{{.State}}");
        return [.. Lines(listed).Select(line => line.Split('\t')).Select(fields => (fields[0], fields[1], fields[2] == "running"))];
    }

    /// <summary>Volumes that carry a task's label.</summary>
    public async Task<IReadOnlyList<string>> VolumesAsync() =>
        Lines(await DockerAsync("volume", "ls", "-q", "--filter", $"label=v4.instance={instance}"));

    /// <returns>False when the container was gone already.</returns>
    public async Task<bool> KillAsync(string name) => (await RunAsync("kill", name)).ExitCode == 0;

    /// <returns>False when the container was gone already.</returns>
    public async Task<bool> RemoveAsync(string name)
    {
        var ran = await RunAsync("rm", "-f", "-v", name);
        return ran.ExitCode == 0 && !ran.Error.Contains("No such container", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>For a run that was stopped: what its services can no longer remove.</summary>
    public async Task RemoveAllAsync()
    {
        foreach (var (name, _, _) in await ListAsync())
        {
            await RemoveAsync(name);
        }
    }

    private async Task<string> DockerAsync(params string[] arguments) => await Programs.MustAsync("/", "docker", ["-H", host, .. arguments]);

    private Task<Ran> RunAsync(params string[] arguments) => Programs.RunAsync("docker", ["-H", host, .. arguments]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
