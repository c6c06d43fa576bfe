using System.Text;

namespace V4Agents.Runner;

/// <summary>A whole file. One that exists keeps its mode, its byte order mark and its kind of line ending.</summary>
internal static class WriteTool
{
    public static void Run(ToolArguments arguments, BoundedOutput output, CancellationToken cancellationToken)
    {
        var given = arguments.Line("path");
        var content = Encoding.UTF8.GetBytes(arguments.Text("content"));
        var path = WorkPath.ForWriting(given);
        var existed = File.Exists(path);
        if (existed)
        {
            content = TextSplice.InTheStyleOf(RegularFile.Read(path, given, cancellationToken), content);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? Layout.WorkTree);
        }

        WorkPath.Replace(path, content, cancellationToken);
        output.Write($"{(existed ? "Replaced" : "Created")} {given} ({content.Length} bytes).\n");
    }
}
