namespace V4Agents.Core.Conversations;

/// <summary>A model endpoint. Server and network failures come back as <see cref="ModelOutcome.Failure"/>; only cancellation throws.</summary>
public interface IModelClient
{
    ModelProfile Profile(ModelRole role);

    /// <exception cref="OperationCanceledException">The HTTP exchange was aborted on request.</exception>
    Task<ModelOutcome> CompleteAsync(ModelRequest request, IProgress<ModelProgress> progress, CancellationToken cancellationToken);

    /// <summary>The whole answer that was received under the request's key and not forgotten; null when there is none on this machine.</summary>
    Task<ModelOutcome.Reply?> RecoverAsync(ModelRequest request, CancellationToken cancellationToken);

    /// <summary>The answer under this key is recorded elsewhere, or is not wanted any more.</summary>
    void Forget(string key);

    /// <summary>The request body, byte for byte as it is sent.</summary>
    ReadOnlyMemory<byte> Render(ModelRequest request);

    /// <summary>Null when calls for every role can be sent, else what is missing and what to do, for a person.</summary>
    string? Missing { get; }
}
