using System.Reflection;
using System.Text;

namespace V4Agents.Service.Workflows;

/// <summary>The workflow files that the service carries.</summary>
internal static class WorkflowLibrary
{
    public const string Default = "issue-to-patch";

    private const string Prefix = "workflows/";

    public static string Schema => Encoding.UTF8.GetString(Read("workflow.schema.json")!);

    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".yaml", StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^".yaml".Length]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Null when there is no workflow of that name.</summary>
    public static byte[]? Find(string name) => Names.Contains(name) ? Read($"{name}.yaml") : null;

    private static byte[]? Read(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + file);
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
