namespace V4Agents.Git.Commands;

/// <summary>One run of the git program.</summary>
internal sealed record GitRun(IReadOnlyList<string> Arguments, TimeSpan Limit)
{
    /// <summary>Settings that win over every file; passed in the environment, where other users cannot see them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The user's and the machine's settings are ignored: what comes out depends on the objects alone.</summary>
    public bool Isolated { get; init; }

    /// <summary>What it reads on standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Output beyond this many bytes ends the run.</summary>
    public long MaxOutput { get; init; } = 256 * 1024 * 1024;
}
