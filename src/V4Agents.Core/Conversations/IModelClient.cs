namespace V4Agents.Core.Conversations;

/// <summary>A model endpoint. Server and network failures come back as <see cref="ModelOutcome.Failure"/>; only cancellation throws.</summary>
public interface IModelClient
{
    ModelProfile Profile(ModelRole role);

    /// <exception cref="OperationCanceledException">The HTTP exchange was aborted on request.</exception>
    Task<ModelOutcome> CompleteAsync(ModelRequest request, IProgress<ModelProgress> progress, CancellationToken cancellationToken);

    /// <summary>Null when calls for every role can be sent, else what is missing and what to do, for a person.</summary>
    string? Missing { get; }
}
