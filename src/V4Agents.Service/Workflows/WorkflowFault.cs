namespace V4Agents.Service.Workflows;

internal readonly record struct WorkflowFault(YamlPlace Place, string Message)
{
    public override string ToString() => $"line {Place.Line}, column {Place.Column}: {Message}";
}
