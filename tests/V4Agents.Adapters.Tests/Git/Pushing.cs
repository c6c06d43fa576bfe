using V4Agents.Core.Repositories;
using V4Agents.TestKit.Git;
using Xunit;

namespace V4Agents.Adapters.Tests.Git;

/// <summary>What a task asks for when its patch is verified.</summary>
internal static class Pushing
{
    public static readonly DateTimeOffset At = new(2026, 11, 24, 13, 14, 15, 678, TimeSpan.FromHours(2));

    /// <summary>The patch that the source's work tree is, against its last commit.</summary>
    public static async Task<PushRequest> RequestAsync(this GitHouse house, string branch = "v4agents/t-1", string? address = null, string? commit = null)
    {
        var ready = await house.ReadyAsync(commit ?? "main", address);
        var patch = Assert.IsType<PatchOutcome.Built>(await house.Repositories.BuildPatchAsync(
            ready.Id, ready.Commit, WorkTreeSnapshot.Of(house.Source, ready.Commit), PatchLimits.Default, GitHouse.Cancel));
        return new PushRequest(
            ready.Id, address ?? house.Source.Directory, ready.Commit, patch.Tree, patch.Diff, branch, "Fix the thing\n\nTask: t-1\n", At);
    }

    public static async Task<PushOutcome.Pushed> PushedAsync(this GitHouse house, PushRequest request) =>
        Assert.IsType<PushOutcome.Pushed>(await house.Repositories.PushAsync(request, GitHouse.Cancel));

    public static async Task<string> PushRefusedAsync(this GitHouse house, PushRequest request) =>
        Assert.IsType<PushOutcome.Refused>(await house.Repositories.PushAsync(request, GitHouse.Cancel)).Reason;
}
