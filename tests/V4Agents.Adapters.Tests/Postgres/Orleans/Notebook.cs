namespace V4Agents.Adapters.Tests.Postgres.Orleans;

public sealed class Notebook
{
    public string? Text { get; set; }
}
