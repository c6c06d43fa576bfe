using System.Diagnostics;

namespace V4Agents.Runner;

/// <summary>What every program in the sandbox finds in its environment: no pager, no prompt, no colour, a writable home.</summary>
internal static class CleanEnvironment
{
    public static void Apply(ProcessStartInfo start)
    {
        start.Environment.Clear();
        start.Environment["HOME"] = Layout.Home;
        start.Environment["USER"] = "agent";
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["CI"] = "1";
        start.Environment["TERM"] = "dumb";
        start.Environment["PAGER"] = "cat";
        start.Environment["GIT_PAGER"] = "cat";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
    }
}
