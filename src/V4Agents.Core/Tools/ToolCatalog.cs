using V4Agents.Core.Conversations;

namespace V4Agents.Core.Tools;

/// <summary>The tools of a task, sorted by name and byte-stable: the list is part of the cached prefix.</summary>
public static class ToolCatalog
{
    /// <summary>Not run in the sandbox: it takes the work tree to the gate.</summary>
    public const string Submit = "submit";

    public const string Bash = "bash";

    /// <summary>Whether a call may have changed the work tree.</summary>
    public static bool Changes(string tool) => tool is not ("view" or "search");

    public static readonly IReadOnlyList<ToolDefinition> All =
    [
        new(Bash,
            "Run a command with bash in the repository root. There is no network and no terminal; standard input is empty. Standard output and error come back together, "
            + "with the exit code. Long output is shortened to its head and tail; the whole is kept in a file that the result names. Background processes end with the call.",
            """{"type":"object","properties":{"command":{"type":"string","description":"The command line."},"timeout_seconds":{"type":"integer","minimum":1,"description":"After this the command and its children are killed."}},"required":["command"],"additionalProperties":false}"""),
        new("edit",
            "Replace text in a file. old_string must match exactly, with its indentation, and exactly once unless replace_all is true. "
            + "Line endings and a byte order mark are kept as the file has them.",
            """{"type":"object","properties":{"path":{"type":"string","description":"Relative to the repository root."},"old_string":{"type":"string"},"new_string":{"type":"string"},"replace_all":{"type":"boolean"}},"required":["path","old_string","new_string"],"additionalProperties":false}"""),
        new("search",
            "Search file contents with a regular expression (ripgrep). Results are path:line:text, sorted by path.",
            """{"type":"object","properties":{"pattern":{"type":"string","description":"A regular expression."},"path":{"type":"string","description":"File or directory; the repository root when absent."},"glob":{"type":"string","description":"For example *.py"},"max_results":{"type":"integer","minimum":1}},"required":["pattern"],"additionalProperties":false}"""),
        new(Submit,
            "Say that the work is done. The work tree is turned into a patch, applied to a clean checkout in a fresh container, and the project's checks run there. "
            + "Only that gate ends the task; when it fails its output comes back here.",
            """{"type":"object","properties":{"summary":{"type":"string","description":"What was wrong, what was changed, how it was tested."}},"additionalProperties":false}"""),
        new("view",
            "Show a file with line numbers, or list a directory.",
            """{"type":"object","properties":{"path":{"type":"string","description":"Relative to the repository root, or absolute."},"start_line":{"type":"integer","minimum":1},"end_line":{"type":"integer","minimum":1}},"required":["path"],"additionalProperties":false}"""),
        new("write",
            "Create a file or replace its whole content. Directories are made as needed.",
            """{"type":"object","properties":{"path":{"type":"string","description":"Relative to the repository root."},"content":{"type":"string"}},"required":["path","content"],"additionalProperties":false}"""),
    ];

    public static bool Has(string name) => All.Any(tool => tool.Name == name);
}
