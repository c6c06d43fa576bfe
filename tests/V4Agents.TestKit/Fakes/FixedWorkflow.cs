using V4Agents.Core.Workflows;
using V4Agents.TestKit.Tasks;

namespace V4Agents.TestKit.Fakes;

/// <summary>The same workflow whatever the bytes: reading files has tests of its own.</summary>
public sealed class FixedWorkflow : IWorkflowReader
{
    public Workflow Workflow { get; set; } = Events.Workflow;

    public Workflow Read(ReadOnlyMemory<byte> yaml) => Workflow;
}
