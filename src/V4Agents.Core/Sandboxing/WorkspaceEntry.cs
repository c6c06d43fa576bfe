namespace V4Agents.Core.Sandboxing;

public enum WorkspaceEntry
{
    Deleted,
    File,
    Executable,
    Symlink,
}
