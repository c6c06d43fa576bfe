namespace V4Agents.Service.Hosting;

/// <summary>What a service is started with. The environment is read here and nowhere else.</summary>
public sealed record ServiceSettings
{
    private const string ModelUrl = "Models:Url";
    private const string ModelKey = "Models:Key";

    /// <summary>The data directory; one service at a time uses it.</summary>
    public required string Home { get; init; }

    /// <summary>Null for a private PostgreSQL cluster in the data directory.</summary>
    public string? Database { get; init; }

    /// <summary>Where the API listens: loopback only, since it asks for no credentials. Port 0 takes a free one. Default: a free port.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:0";

    /// <summary>Whether log lines go to standard error; without, only errors do. Default: true.</summary>
    public bool Verbose { get; init; } = true;

    /// <summary>Whether tasks are worked on. A command that only shows them starts a service that costs nothing. Default: true.</summary>
    public bool Work { get; init; } = true;

    /// <summary>The one task that is worked on, by its id; null for all.</summary>
    public string? OnlyTask { get; init; }

    /// <summary>For proofs of durability: where the process kills itself, like <c>after-append:tool_call.completed#2</c>. Null for real life.</summary>
    public string? FaultPoint { get; init; }

    /// <summary>Options of the parts, as <c>Section:Key</c>.</summary>
    public IReadOnlyDictionary<string, string?> Options { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether a model endpoint was chosen: a key, or another address than the default.</summary>
    public bool HasModel => !string.IsNullOrWhiteSpace(Options.GetValueOrDefault(ModelKey)) || !string.IsNullOrWhiteSpace(Options.GetValueOrDefault(ModelUrl));

    public static ServiceSettings FromEnvironment(IReadOnlyDictionary<string, string> environment, bool isRoot)
    {
        string? Value(string name) => environment.GetValueOrDefault(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        var options = environment.Where(pair => pair.Key.Contains("__", StringComparison.Ordinal) && !pair.Key.StartsWith('_'))
            .ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), string? (pair) => pair.Value, StringComparer.OrdinalIgnoreCase);
        void Set(string key, string? value)
        {
            if (value is not null)
            {
                options[key] = value;
            }
        }

        Set(ModelUrl, Value("V4_MODEL_URL"));
        Set(ModelKey, Value("V4_MODEL_KEY") ?? Value("DEEPSEEK_API_KEY"));
        Set("Models:Stream", Value("V4_MODEL_STREAM"));
        if (!options.ContainsKey("Sandbox:DockerHost"))
        {
            Set("Sandbox:DockerHost", Value("DOCKER_HOST"));
        }

        var settings = new ServiceSettings
        {
            Home = Path.GetFullPath(Value("V4_HOME") ?? DefaultHome(Value("XDG_DATA_HOME"), Value("HOME"), isRoot)),
            Database = Value("V4_DATABASE"),
            FaultPoint = Value("V4_FAULT_POINT"),
            Options = options,
        };
        return Value("V4_LISTEN") is { } listen ? settings with { Listen = listen } : settings;
    }

    private static string DefaultHome(string? dataHome, string? userHome, bool isRoot) => (isRoot, dataHome, userHome) switch
    {
        (true, _, _) => "/var/lib/v4agents",
        (_, { } data, _) => Path.Combine(data, "v4agents"),
        (_, _, { } home) => Path.Combine(home, ".local", "share", "v4agents"),
        _ => throw new ServiceStartException("internal", "No data directory can be chosen: neither V4_HOME nor HOME is set. Set V4_HOME."),
    };
}
