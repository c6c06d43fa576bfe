using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using V4Agents.Client.Contract;

namespace V4Agents.Client;

/// <summary>Server-sent events of one task that continue at the last sequence number when a connection breaks, ends early or goes silent.</summary>
internal sealed class EventStream(HttpClient http, TimeProvider clock, string path, long after)
{
    /// <summary>The service sends something about every second while a task runs.</summary>
    private static readonly TimeSpan SilentFor = TimeSpan.FromSeconds(30);

    /// <summary>With an address at which nobody ever answered.</summary>
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(30);

    /// <summary>The last one is repeated.</summary>
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.1, 0.25, 0.5, 1, 2, 4 }.Select(TimeSpan.FromSeconds)];

    private long _after = after;
    private bool _answered;

    public async IAsyncEnumerable<TaskUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset? away = null;
        for (var failures = 0; ; failures++)
        {
            var (response, fault) = await OpenAsync(cancellationToken);
            if (response is not null)
            {
                await using var connection = new Connection(response, clock, cancellationToken);
                while (await connection.NextAsync() is { } item)
                {
                    (failures, away) = (0, null);
                    if (Read(item) is not { } update)
                    {
                        continue;
                    }

                    yield return update;
                    if (update is TaskUpdate.Recorded { Event: { Kind: "finished" } })
                    {
                        yield break;
                    }
                }
            }

            if (failures > 0 || fault is not null)
            {
                away ??= clock.GetUtcNow();
                fault ??= ApiProblem.NoAnswer(http.BaseAddress, "its event streams end at once", new IOException("The stream ended."));
                if (clock.GetUtcNow() - away >= (_answered ? Outages.Patience : FirstPatience))
                {
                    throw fault;
                }

                yield return new TaskUpdate.Waiting(fault.Message, away.Value);
            }

            await Task.Delay(Pauses[Math.Min(failures, Pauses.Length - 1)], clock, cancellationToken);
        }
    }

    private TaskUpdate? Read(SseItem<string> item)
    {
        if (item.EventType == "progress")
        {
            return JsonSerializer.Deserialize<LiveBody>(item.Data, ContractJson.Options) is { } live ? new TaskUpdate.Progress(live) : null;
        }

        if (item.EventId is null || JsonSerializer.Deserialize<EventBody>(item.Data, ContractJson.Options) is not { } e || e.Seq <= _after)
        {
            return null;
        }

        _after = e.Seq;
        return new TaskUpdate.Recorded(e);
    }

    /// <summary>An open stream, or why there is none now. A refusal that time does not mend is thrown.</summary>
    private async Task<(HttpResponseMessage? Response, ApiException? Fault)> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, $"{path}?after={_after}");
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            _answered = true;
            await ApiProblem.ThrowIfRefusedAsync(response, cancellationToken);
            return (response, null);
        }
        catch (ApiException e) when (e.IsOutage)
        {
            return (null, e);
        }
        catch (HttpRequestException e)
        {
            return (null, ApiProblem.NoAnswer(http.BaseAddress, e.Message, e));
        }
    }

    private sealed class Connection(HttpResponseMessage response, TimeProvider clock, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private IAsyncEnumerator<SseItem<string>>? _items;
        private CancellationTokenSource? _silence;

        /// <summary>Null when the stream ended, broke or went silent.</summary>
        public async Task<SseItem<string>?> NextAsync()
        {
            try
            {
                if (_items is null)
                {
                    _silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    var body = await response.Content.ReadAsStreamAsync(_silence.Token);
                    _items = SseParser.Create(body).EnumerateAsync(_silence.Token).GetAsyncEnumerator(_silence.Token);
                }

                await using var timer = clock.CreateTimer(source => ((CancellationTokenSource)source!).Cancel(), _silence, SilentFor, Timeout.InfiniteTimeSpan);
                return await _items.MoveNextAsync() ? _items.Current : null;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return null;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_items is not null)
            {
                await _items.DisposeAsync();
            }

            _silence?.Dispose();
            response.Dispose();
        }
    }
}
