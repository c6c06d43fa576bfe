using V4Agents.Git.Commands;

namespace V4Agents.Git.Mirrors;

/// <summary>
/// Credentials out of an http address. Git asks a helper for them that reads its own environment, so they are in no argument list, no
/// file, and go to no other host.
/// </summary>
/// <param name="Origin">Scheme, host and port they belong to.</param>
/// <param name="Password">Null when the address had a user name only: the user's own helpers are asked for the password first.</param>
internal sealed record UrlCredentials(string Origin, string User, string? Password)
{
    private const string Helper = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \"$V4AGENTS_GIT_USER\" \"$V4AGENTS_GIT_PASSWORD\"; }; f";

    public GitRun AddTo(GitRun run) => run with
    {
        // An empty helper forgets the user's own: they must neither be asked instead nor be told to remember this.
        Settings =
        [
            .. run.Settings,
            .. Password is null ? [] : new KeyValuePair<string, string>[] { new("credential.helper", "") },
            new($"credential.{Origin}.username", User),
            new($"credential.{Origin}.helper", Helper),
        ],
        Environment = new Dictionary<string, string>(run.Environment)
        {
            ["V4AGENTS_GIT_USER"] = User,
            ["V4AGENTS_GIT_PASSWORD"] = Password ?? "",
        },
    };

    /// <summary>A text of the other side's without what is secret here: the password, or the user name that is a token for want of one.</summary>
    public string Hide(string text) =>
        (string.IsNullOrEmpty(Password) ? User : Password) is { Length: > 0 } secret ? text.Replace(secret, "[secret]", StringComparison.Ordinal) : text;

    /// <summary>Never the values: records print their members.</summary>
    public override string ToString() => $"credentials for {Origin}";
}
