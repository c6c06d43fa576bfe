using System.Globalization;
using V4Agents.Chaos.Points;
using V4Agents.Chaos.Soak;

namespace V4Agents.Chaos;

/// <summary>The command line.</summary>
/// <param name="Points">Null for a soak.</param>
internal sealed record ChaosArguments(SoakOptions Soak, PointsOptions? Points)
{
    public const string Usage =
        """
        usage: v4 chaos [--tasks 40] [--kills 60] [--seed 1] [--silos 2] [--engine private|host] [--limit MINUTES]
               v4 chaos --points [NAME] [--worlds 2] [--limit MINUTES]
        """;

    private static readonly HashSet<string> Numbers = ["--tasks", "--kills", "--seed", "--silos", "--worlds", "--limit"];

    /// <summary>Null when the words make no sense; the reason is in <paramref name="problem"/>.</summary>
    public static ChaosArguments? Read(IReadOnlyList<string> words, out string problem)
    {
        var numbers = new Dictionary<string, int>();
        var (points, names, engine) = (false, new List<string>(), "private");
        problem = "";
        for (var i = 0; i < words.Count; i++)
        {
            var next = i + 1 < words.Count && !words[i + 1].StartsWith("--", StringComparison.Ordinal) ? words[i + 1] : null;
            switch (words[i])
            {
                case "--points":
                    points = true;
                    names.AddRange(next is null ? [] : [next]);
                    break;
                case "--engine" when next is "private" or "host":
                    engine = next;
                    break;
                case var option when Numbers.Contains(option) && int.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    numbers[option] = number;
                    break;
                case var option:
                    problem = Numbers.Contains(option) || option == "--engine" ? $"{option} has no value that it understands" : $"unknown option {option}";
                    return null;
            }

            i += next is null ? 0 : 1;
        }

        int Number(string option, int otherwise) => numbers.GetValueOrDefault(option, otherwise);
        var limit = TimeSpan.FromMinutes(Number("--limit", 25));
        var soak = new SoakOptions(Number("--tasks", 40), Number("--kills", 60), Number("--seed", 1), Number("--silos", 2), engine == "private", limit);
        if (soak is { Tasks: 0 } or { Silos: 0 } || Number("--worlds", 2) == 0)
        {
            problem = "there must be at least one task, silo and world";
            return null;
        }

        return new ChaosArguments(soak, points ? new PointsOptions(names, Number("--worlds", 2), limit) : null);
    }
}
