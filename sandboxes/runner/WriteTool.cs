using System.Text;

namespace V4Agents.Runner;

/// <summary>A whole file. One that exists keeps its mode, its byte order mark and its kind of line ending.</summary>
internal static class WriteTool
{
    public static void Run(ToolArguments arguments, BoundedOutput output)
    {
        var given = arguments.Text("path");
        var content = Encoding.UTF8.GetBytes(arguments.Text("content"));
        var path = WorkPath.ForWriting(given);
        var existed = File.Exists(path);
        if (existed)
        {
            content = TextSplice.InTheStyleOf(File.ReadAllBytes(path), content);
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? Layout.WorkTree);
        }

        WorkPath.Replace(path, content);
        output.Write($"{(existed ? "Replaced" : "Created")} {given} ({content.Length} bytes).\n");
    }
}
