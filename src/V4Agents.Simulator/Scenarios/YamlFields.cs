using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace V4Agents.Simulator.Scenarios;

/// <summary>A YAML mapping that is read key by key; what nobody asked for is refused at the end.</summary>
internal sealed class YamlFields
{
    private readonly string _source;
    private readonly YamlNode _node;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _left = [];
    private readonly List<string> _known = [];

    public YamlFields(string source, YamlNode node)
    {
        (_source, _node) = (source, node);
        if (node is not YamlMappingNode mapping)
        {
            throw Wrong(node, "expected a mapping");
        }

        foreach (var (key, value) in mapping.Children)
        {
            _left.Add(key is YamlScalarNode { Value: { } name } ? name : throw Wrong(key, "expected a plain key"), (key, value));
        }
    }

    public ScenarioException Wrong(YamlNode at, string reason) => new(_source, at.Start.Line, reason);

    public YamlNode? Node(string key)
    {
        _known.Add(key);
        return _left.Remove(key, out var entry) && entry.Value is not YamlScalarNode { Value: null or "", Style: ScalarStyle.Plain } ? entry.Value : null;
    }

    public string? Text(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } => value,
        var node => throw Wrong(node, $"'{key}' must be text"),
    };

    public string RequiredText(string key) => Text(key) ?? throw Wrong(_node, $"'{key}' is missing");

    public long? Number(string key) => Node(key) switch
    {
        null => null,
        YamlScalarNode scalar when long.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        var node => throw Wrong(node, $"'{key}' must be a whole number"),
    };

    public bool Flag(string key) => Node(key) switch
    {
        null => false,
        YamlScalarNode { Value: "true" } => true,
        YamlScalarNode { Value: "false" } => false,
        var node => throw Wrong(node, $"'{key}' must be true or false"),
    };

    /// <summary>As in <c>250ms</c> or <c>2s</c>.</summary>
    public TimeSpan? Duration(string key)
    {
        if (Node(key) is not { } node)
        {
            return null;
        }

        var text = (node as YamlScalarNode)?.Value ?? "";
        var (digits, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 1) : text.EndsWith('s') ? (text[..^1], 1000) : ("", 0);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? TimeSpan.FromMilliseconds(number * unit)
            : throw Wrong(node, $"'{key}' must be a duration such as 250ms or 2s");
    }

    public IReadOnlyList<YamlNode> List(string key) => Node(key) switch
    {
        null => [],
        YamlSequenceNode sequence => [.. sequence.Children],
        var node => throw Wrong(node, $"'{key}' must be a list"),
    };

    public YamlFields? Fields(string key) => Node(key) is { } node ? new YamlFields(_source, node) : null;

    /// <summary>Refuses the keys that were not asked for.</summary>
    public void End()
    {
        if (_left.Values.OrderBy(entry => entry.Key.Start.Line).FirstOrDefault() is { Key: { } key })
        {
            throw Wrong(key, $"unknown key '{key}'; known here: {string.Join(", ", _known)}");
        }
    }
}
