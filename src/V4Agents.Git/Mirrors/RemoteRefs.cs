namespace V4Agents.Git.Mirrors;

/// <summary>What a repository advertises: refs with their ids, and where HEAD points.</summary>
/// <param name="HeadTarget">The branch HEAD names; null when it is detached or not advertised.</param>
internal sealed record RemoteRefs(IReadOnlyDictionary<string, string> Ids, string? HeadTarget)
{
    private const string Heads = "refs/heads/";
    private const string Tags = "refs/tags/";

    public bool IsEmpty => Ids.Count == 0;

    public bool HasHead => Ids.ContainsKey("HEAD");

    /// <summary>Branches and tags: what a mirror follows.</summary>
    public IEnumerable<KeyValuePair<string, string>> Followed => Ids.Where(pair => IsFollowed(pair.Key));

    public IEnumerable<string> ShortNames =>
        Ids.Keys.Where(IsFollowed).Select(name => name.StartsWith(Heads, StringComparison.Ordinal) ? name[Heads.Length..] : name[Tags.Length..]);

    public static bool IsFollowed(string name) =>
        name.StartsWith(Heads, StringComparison.Ordinal) || name.StartsWith(Tags, StringComparison.Ordinal);

    /// <summary>The full name that a ref means, in git's own order; null when nothing of that name is advertised.</summary>
    public string? Match(string reference) =>
        new[] { reference == "@" ? "HEAD" : reference, $"refs/{reference}", Tags + reference, Heads + reference }.FirstOrDefault(Ids.ContainsKey);

    /// <summary>Reads what <c>git ls-remote --symref</c> prints.</summary>
    public static RemoteRefs Parse(string listing)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        string? head = null;
        foreach (var line in listing.Split('\n'))
        {
            if (line.Split('\t') is not [var left, var name])
            {
                continue;
            }

            if (left.StartsWith("ref: ", StringComparison.Ordinal))
            {
                head = name == "HEAD" && left["ref: ".Length..].StartsWith(Heads, StringComparison.Ordinal) ? left["ref: ".Length..] : head;
            }
            else if (!name.EndsWith("^{}", StringComparison.Ordinal))
            {
                ids[name] = left;
            }
        }

        return new RemoteRefs(ids, head);
    }
}
