using System.Globalization;
using System.Text;
using V4Agents.Core.Tools;

namespace V4Agents.Core.Verification;

/// <summary>A verification in words: for the model, and for the report.</summary>
public static class Verdict
{
    /// <param name="outputs">The output of each run, in the order of the runs.</param>
    public static string Describe(VerificationResult result, IReadOnlyList<string> outputs)
    {
        if (result.Problem is { } problem)
        {
            return problem;
        }

        var text = new StringBuilder();
        foreach (var (run, output) in result.Runs.Zip(outputs))
        {
            text.Append(CultureInfo.InvariantCulture, $"$ {run.Command}\n");
            text.Append(CultureInfo.InvariantCulture, $"exit code {run.ExitCode}{(run.TimedOut ? " (killed: time limit reached)" : "")}\n");
            text.Append(ToolOutput.HeadAndTail(output, null)).Append('\n');
        }

        return text.ToString();
    }
}
