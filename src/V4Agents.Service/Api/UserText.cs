using V4Agents.Core.Blobs;
using V4Agents.Core.Conversations;

namespace V4Agents.Service.Api;

/// <summary>What a person says to a model: stored as the message the model sees, and its first words for those who follow the task.</summary>
internal static class UserText
{
    private const int Preview = 200;

    public static Task<BlobId> PutAsync(IBlobStore blobs, string text, CancellationToken cancellationToken) =>
        blobs.PutAsync(MessageCodec.Encode(new ChatMessage.User(text)), cancellationToken);

    public static string FirstWords(string text) => text.Length <= Preview ? text : text[..Preview];
}
