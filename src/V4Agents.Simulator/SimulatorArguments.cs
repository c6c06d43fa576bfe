using System.Globalization;

namespace V4Agents.Simulator;

/// <summary>The command line.</summary>
internal sealed record SimulatorArguments(SimulatorOptions Options, int? Parent)
{
    public const string Usage = "usage: V4Agents.Simulator --scenario FILE [--port PORT] [--key KEY] [--parent PID]";

    /// <summary>Null when the words make no sense; the reason is in <paramref name="problem"/>.</summary>
    public static SimulatorArguments? Read(IReadOnlyList<string> words, out string problem)
    {
        var values = new Dictionary<string, string>();
        problem = "";
        for (var i = 0; i < words.Count; i += 2)
        {
            if (words[i] is not ("--port" or "--scenario" or "--key" or "--parent"))
            {
                problem = $"unknown option {words[i]}";
            }
            else if (i + 1 == words.Count)
            {
                problem = $"{words[i]} needs a value";
            }
            else
            {
                values[words[i]] = words[i + 1];
            }
        }

        var port = Number(values, "--port", ref problem);
        var parent = Number(values, "--parent", ref problem);
        if (problem.Length == 0 && !values.ContainsKey("--scenario"))
        {
            problem = "--scenario is missing";
        }

        return problem.Length > 0
            ? null
            : new SimulatorArguments(
                new SimulatorOptions { Port = port ?? 0, ScenarioFile = values["--scenario"], Key = values.GetValueOrDefault("--key") }, parent);
    }

    private static int? Number(Dictionary<string, string> values, string name, ref string problem)
    {
        if (!values.TryGetValue(name, out var text))
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        problem = $"{name} needs a number, not {text}";
        return null;
    }
}
