using System.Net;
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

    private static readonly TimeSpan[] Pauses = [.. new[] { 0.1, 0.25, 0.5, 1, 2, 4, 8, 8, 8 }.Select(TimeSpan.FromSeconds)];

    private long _after = after;

    public async IAsyncEnumerable<TaskUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            await using var connection = new Connection(await OpenAsync(failures, cancellationToken), clock, cancellationToken);
            while (await connection.NextAsync() is { } item)
            {
                failures = 0;
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

            if (failures >= Pauses.Length)
            {
                throw ApiProblem.NoAnswer(http.BaseAddress, "its event streams end at once", new IOException("The stream ended."));
            }

            await Task.Delay(Pauses[failures], clock, cancellationToken);
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

    private async Task<HttpResponseMessage> OpenAsync(int failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Get, $"{path}?after={_after}");
                message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
                var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout)
                    || failures >= Pauses.Length)
                {
                    await ApiProblem.ThrowIfRefusedAsync(response, cancellationToken);
                    return response;
                }

                response.Dispose();
            }
            catch (HttpRequestException e) when (failures >= Pauses.Length)
            {
                throw ApiProblem.NoAnswer(http.BaseAddress, e.Message, e);
            }
            catch (HttpRequestException)
            {
                // The service may be restarting: its tasks go on afterwards, and so does this stream.
            }

            await Task.Delay(Pauses[failures++], clock, cancellationToken);
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
