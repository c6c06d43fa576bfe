namespace V4Agents.Runner;

/// <summary>Replaces one exact passage of a file, or all of them when told so.</summary>
internal static class EditTool
{
    public static void Run(ToolArguments arguments, BoundedOutput output, CancellationToken cancellationToken)
    {
        var given = arguments.Line("path");
        var old = arguments.Text("old_string");
        var replacement = arguments.Text("new_string");
        var all = arguments.Flag("replace_all");
        if (old.Length == 0)
        {
            throw new ToolException("The argument 'old_string' must not be empty; use write to create a file.");
        }

        if (old == replacement)
        {
            throw new ToolException("The arguments 'old_string' and 'new_string' are the same.");
        }

        var path = WorkPath.ForWriting(given);
        if (!File.Exists(path))
        {
            throw new ToolException($"'{given}' does not exist; use write to create a file.");
        }

        var original = RegularFile.Read(path, given, cancellationToken);
        var matches = TextSplice.Find(original, old);
        if (matches.Count == 0)
        {
            throw new ToolException($"'old_string' was not found in '{given}'.{NearestLine.Hint(original, old)}");
        }

        if (matches.Count > 1 && !all)
        {
            var lines = matches.Take(20).Select(m => TextSplice.LineOf(original, m.Start));
            throw new ToolException(
                $"'old_string' occurs {matches.Count} times in '{given}', at lines {string.Join(", ", lines)}; add context to make it unique, or set replace_all.");
        }

        WorkPath.Replace(path, TextSplice.Apply(original, matches, replacement), cancellationToken);
        output.Write($"Replaced {matches.Count} {(matches.Count == 1 ? "occurrence" : "occurrences")} in {given} " +
            $"(line {TextSplice.LineOf(original, matches[0].Start)}).\n");
    }
}
