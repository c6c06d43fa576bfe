using V4Agents.Core.Tasks;

namespace V4Agents.Core.Repositories;

public abstract record RepositoryOutcome
{
    private RepositoryOutcome() { }

    public sealed record Ready(PreparedRepository Repository) : RepositoryOutcome;

    /// <param name="Message">For people; holds no credentials even when the address did.</param>
    public sealed record Refused(FailureCode Code, string Message) : RepositoryOutcome;
}
