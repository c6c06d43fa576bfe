namespace V4Agents.Benchmarks;

/// <summary>What was measured in each round, and how it is shown: the median, and the least and the most beside it.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public double Median
    {
        get
        {
            var sorted = _values.Order().ToList();
            return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
        }
    }

    public void Add(double value) => _values.Add(value);

    public string Show(string format) => $"{Median.ToString(format)} ({_values.Min().ToString(format)} to {_values.Max().ToString(format)})";
}
