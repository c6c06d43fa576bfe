namespace V4Agents.Core.Workflows;

/// <summary>Turns a workflow file's bytes into a <see cref="Workflow"/>.</summary>
public interface IWorkflowReader
{
    /// <exception cref="WorkflowException">The file is not YAML, or not a workflow.</exception>
    Workflow Read(ReadOnlyMemory<byte> yaml);
}
