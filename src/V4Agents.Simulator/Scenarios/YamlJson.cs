using System.Globalization;
using System.Text.Json.Nodes;
using V4Agents.Simulator.Protocol;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace V4Agents.Simulator.Scenarios;

/// <summary>YAML nodes as JSON: a plain scalar is typed by its looks, a quoted or block scalar is a string.</summary>
internal static class YamlJson
{
    public static string Write(YamlNode node) => Convert(node)?.ToJsonString(Json.Options) ?? "null";

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(pair => KeyValuePair.Create(pair.Key.ToString(), Convert(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => ConvertPlain(scalar.Value ?? ""),
        _ => JsonValue.Create(((YamlScalarNode)node).Value),
    };

    private static JsonNode? ConvertPlain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
