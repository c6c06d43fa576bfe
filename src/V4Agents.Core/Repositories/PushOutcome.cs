namespace V4Agents.Core.Repositories;

public abstract record PushOutcome
{
    private PushOutcome() { }

    /// <param name="AlreadyThere">An earlier try had pushed it.</param>
    public sealed record Pushed(string Commit, bool AlreadyThere) : PushOutcome;

    /// <param name="Reason">For a person: the branch exists with other work, the remote refuses, the address takes no pushes.</param>
    public sealed record Refused(string Reason) : PushOutcome;
}
