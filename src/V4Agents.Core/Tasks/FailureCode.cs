namespace V4Agents.Core.Tasks;

/// <summary>Why a task could not be accepted or finished; each is a documented exit code of the CLI and a <c>code</c> of the API (snake case).</summary>
public enum FailureCode
{
    Internal,
    RepositoryNotFound,
    NotARepository,
    RepositoryEmpty,
    RefNotFound,
    RepositoryUnreachable,
    IssueEmpty,
    WorkflowInvalid,
    EngineUnavailable,
    ModelKeyMissing,
    ModelUnauthorized,
    ModelNoBalance,
    ModelUnreachable,
    ModelRejected,
    ModelUnavailable,
    CheckCommandMissing,
    PatchRefused,
    SandboxLost,
}
