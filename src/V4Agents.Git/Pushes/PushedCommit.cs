using System.Text;
using LibGit2Sharp;
using V4Agents.Core.Repositories;

namespace V4Agents.Git.Pushes;

/// <summary>The commit of a push, made in the mirror. Its id depends on the request alone: no clock, no user, no settings.</summary>
internal static class PushedCommit
{
    public static ObjectId Make(Repository mirror, PushRequest request, Commit parent, Tree tree)
    {
        // Whole seconds in UTC are all that a commit holds of it.
        var signature = new Signature("V4Agents", "v4@localhost", DateTimeOffset.FromUnixTimeSeconds(request.At.ToUnixTimeSeconds()));
        return mirror.ObjectDatabase.CreateCommit(signature, signature, Text(request.Message), tree, [parent], prettifyMessage: false).Id;
    }

    /// <summary>A NUL would end the message early, and what is no Unicode the library would not take.</summary>
    private static string Text(string message) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(message)).Replace("\0", "", StringComparison.Ordinal).TrimEnd('\n') + "\n";
}
