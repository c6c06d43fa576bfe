using System.Text;
using System.Text.Json;
using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;
using V4Agents.Core.Prompts;
using V4Agents.Core.Repositories;
using V4Agents.Core.Sandboxing;
using V4Agents.Core.Tasks;
using V4Agents.Core.Tools;
using V4Agents.Core.Verification;

namespace V4Agents.Grains.Execution;

/// <summary>The checks, outside the model's reach: a fresh container, a clean checkout, and for the gate nothing but the patch on top.</summary>
internal sealed class Verifications(ISandboxes sandboxes, ISandboxRegistry registry, IRepositories repositories, PatientBlobs blobs, TimeProvider clock)
{
    public async Task<TaskEvent> RunAsync(TaskState state, VerificationKind kind, int number, TaskSession session, CancellationToken cancellationToken)
    {
        var (result, outputs) = kind == VerificationKind.Gate && state.Patch is null
            ? (new VerificationResult(kind, Unpatchable(state), []), [])
            : await InFreshContainerAsync(state, kind, number, session, cancellationToken);
        var reply = kind == VerificationKind.Gate && state.Pending is [{ Name: ToolCatalog.Submit } submit, ..]
            ? await blobs.PutAsync(MessageCodec.Encode(new ChatMessage.ToolResult(submit.ModelId, ForModel(result, outputs, session))), cancellationToken)
            : (BlobId?)null;
        return new TaskEvent.VerificationCompleted(
            kind, number, result.Passed, result.Runs.Count(run => run.Passed), state.Submission!.Checks.Count, result.Problem ?? MissingCommand(result),
            result.Runs.Any(run => run.CommandMissing), await blobs.PutAsync(VerificationCodec.Encode(result), cancellationToken), reply, clock.GetUtcNow());
    }

    /// <summary>What a verification that was stopped left: its container.</summary>
    public async Task AbandonAsync(TaskState state, int number, CancellationToken cancellationToken)
    {
        await sandboxes.RemoveAsync(IdOf(state, number), cancellationToken);
        await registry.ReleaseAsync(IdOf(state, number), cancellationToken);
    }

    private static SandboxId IdOf(TaskState state, int number) => new($"v4-{state.Id}-check-{number}");

    /// <summary>A container that dies says nothing about the patch: the verification runs again in another.</summary>
    private static SandboxException Died(SandboxId id, Exception? inner = null) =>
        new($"The container {id} died while it ran the checks; they run again in a new one.", isTransient: true, inner);

    private async Task<(VerificationResult Result, IReadOnlyList<string> Outputs)> InFreshContainerAsync(
        TaskState state, VerificationKind kind, int number, TaskSession session, CancellationToken cancellationToken)
    {
        var id = IdOf(state, number);
        var repository = await session.RepositoryAsync(state, repositories, cancellationToken);
        var engine = await sandboxes.EngineAsync(cancellationToken);
        await registry.RegisterAsync(id, state.Id, engine, cancellationToken);
        // What an interrupted run of the same verification left is not fresh.
        await sandboxes.RemoveAsync(id, cancellationToken);
        try
        {
            var checks = state.Submission!.Checks;
            var lifetime = session.Workflow.CheckTimeout * (checks.Count + 1);
            await using var sandbox = await sandboxes.OpenAsync(
                new SandboxSpec(id, state.Id, await registry.InstanceAsync(cancellationToken), lifetime) { Engine = engine }, cancellationToken);
            await sandbox.SeedAsync((tar, token) => repositories.WriteTarAsync(repository.Id, repository.Commit, tar, token), cancellationToken);
            if (kind == VerificationKind.Gate && await ApplyAsync(state.Patch!, sandbox, session, cancellationToken) is { } problem)
            {
                return (new VerificationResult(kind, problem, []), []);
            }

            return await CheckAsync(kind, checks, sandbox, session, cancellationToken);
        }
        catch (SandboxException e) when (e.IsLost)
        {
            throw Died(id, e);
        }
        finally
        {
            // Also when the task is cancelled meanwhile: the container ends with its verification.
            await sandboxes.RemoveAsync(id, CancellationToken.None);
            await registry.ReleaseAsync(id, CancellationToken.None);
        }
    }

    private async Task<(VerificationResult Result, IReadOnlyList<string> Outputs)> CheckAsync(
        VerificationKind kind, IReadOnlyList<string> checks, ISandbox sandbox, TaskSession session, CancellationToken cancellationToken)
    {
        var runs = new List<CheckRun>();
        var outputs = new List<string>();
        foreach (var command in checks)
        {
            // An id that nobody can guess: what one check leaves running must not write another's result into the ledger.
            var id = $"check-{Guid.NewGuid():N}";
            var arguments = JsonSerializer.Serialize(new { command, env = TestReport.Environment });
            var result = await sandbox.RunAsync(new SandboxCall(id, ToolCatalog.Bash, arguments, session.Workflow.CheckTimeout), progress: null, cancellationToken);
            if (result.Interrupted || result.Replayed)
            {
                // A check's id is new: a stored result means that the container was restarted, or that something in it wrote one.
                throw Died(sandbox.Id);
            }

            var output = Encoding.UTF8.GetString(result.Output.Span);
            var blob = await blobs.PutAsync(result.Output, cancellationToken);
            runs.Add(new CheckRun(command, result.ExitCode, result.TimedOut, Math.Round(result.Duration.TotalSeconds, 3), blob.Value, TestReport.Read(output)));
            outputs.Add(output);
        }

        return (new VerificationResult(kind, null, runs), outputs);
    }

    /// <summary>Applies the very bytes that are delivered, and proves by the tree id that they give the tree that was submitted.</summary>
    private async Task<string?> ApplyAsync(PatchSummary patch, ISandbox sandbox, TaskSession session, CancellationToken cancellationToken)
    {
        var path = await sandbox.PutFileAsync("patch.diff", await blobs.GetAsync(patch.Diff, cancellationToken), cancellationToken);
        var arguments = JsonSerializer.Serialize(new { command = $"git apply --whitespace=nowarn '{path}'" });
        var applied = await sandbox.RunAsync(new SandboxCall("apply", ToolCatalog.Bash, arguments, session.Workflow.CallTimeout), progress: null, cancellationToken);
        if (applied.Interrupted || applied.Replayed)
        {
            throw Died(sandbox.Id);
        }

        if (applied.ExitCode != 0)
        {
            return $"The patch does not apply to a clean checkout: {Encoding.UTF8.GetString(applied.Output.Span).Trim()}";
        }

        var snapshot = await sandbox.SnapshotAsync(cancellationToken);
        return snapshot.Tree == patch.WorkTree
            ? null
            : $"Applying the patch to a clean checkout gives the tree {snapshot.Tree}, not the submitted {patch.WorkTree}.";
    }

    private static string ForModel(VerificationResult result, IReadOnlyList<string> outputs, TaskSession session) => result.Passed
        ? "The gate passed."
        : PromptTemplate.Fill(session.Workflow.Prompts.GateFailed, new Dictionary<string, string> { ["verdict"] = Verdict.Describe(result, outputs) });

    private static string Unpatchable(TaskState state) => state.PatchRefused is { } reason
        ? $"The work tree cannot become a patch: {reason}"
        : "The work tree does not differ from the commit: there is nothing to verify. Files that .gitignore names do not count.";

    private static string? MissingCommand(VerificationResult result) => result.Runs.FirstOrDefault(run => run.CommandMissing) is { } missing
        ? $"The check command '{missing.Command}' cannot be run in the sandbox (exit code {missing.ExitCode}: the command does not exist there, or is not executable). "
            + "Give a command that the repository or the sandbox image provides."
        : null;
}
