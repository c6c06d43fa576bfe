using System.Text;
using V4Agents.Core.Conversations;

namespace V4Agents.Models.Wire;

internal sealed partial class ChatClient
{
    private const int MaxTypeLine = 512;

    /// <summary>Reads the kept bytes as the live ones are read, and takes the answer only if the server had said how it ended.</summary>
    public async Task<ModelOutcome.Reply?> RecoverAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        await using var file = request.Key is { } key ? answers.Open(key) : null;
        if (file is null)
        {
            return null;
        }

        var reply = new ReplyAssembly(Profile(request.Role).Model);
        using var clock = new CallClock(_options, time, cancellationToken);
        // The texts were traced and the progress was shown when they came.
        var reader = new ReplyReader(reply, _failures, _ => { }, new Unheard(), clock);
        try
        {
            var outcome = await TypeLineAsync(file, cancellationToken) is { } type
                ? await _bodies.ReadAsync(type.Length == 0 ? null : type, file, reader, clock) as ModelOutcome.Reply
                : null;
            LogRecovery(logger, request.Role, request.Key, file.Length, outcome is null ? "is not whole" : "is whole");
            return outcome;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            LogRecovery(logger, request.Role, request.Key, file.Length, "cannot be read");
            return null;
        }
    }

    public void Forget(string key) => answers.Forget(key);

    /// <summary>The media type, empty when the server named none; null when the file was cut before its end.</summary>
    private static async Task<string?> TypeLineAsync(Stream file, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (line.Count < MaxTypeLine && await file.ReadAsync(one, cancellationToken) > 0)
        {
            if (one[0] == '\n')
            {
                return Encoding.UTF8.GetString(line.ToArray());
            }

            line.Add(one[0]);
        }

        return null;
    }

    private sealed class Unheard : IProgress<ModelProgress>
    {
        public void Report(ModelProgress value)
        {
        }
    }
}
