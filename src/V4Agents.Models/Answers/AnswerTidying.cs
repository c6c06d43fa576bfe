using Microsoft.Extensions.Hosting;

namespace V4Agents.Models.Answers;

/// <summary>Removes stale answers when the service starts: they hold what models said about people's code.</summary>
internal sealed class AnswerTidying(AnswerStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        store.Tidy();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
