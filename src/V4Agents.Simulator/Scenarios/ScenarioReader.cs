using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace V4Agents.Simulator.Scenarios;

/// <summary>Reads a scenario file; anything it does not know is an error with its line.</summary>
internal sealed class ScenarioReader(string source)
{
    private static readonly HashSet<long> Statuses = [401, 402, 422, 429, 500, 503];
    private static readonly HashSet<string> FinishReasons = ["stop", "tool_calls", "length", "content_filter", "insufficient_system_resource", "aborted"];

    private TimeSpan _firstTokenDelay;
    private TimeSpan _delay;
    private TimeSpan _chunkDelay;

    /// <exception cref="ScenarioException">The text is not a scenario file.</exception>
    public IReadOnlyList<Scenario> Read(string text)
    {
        var root = new YamlFields(source, Parse(text));
        _firstTokenDelay = root.Duration("first_token_delay") ?? TimeSpan.Zero;
        _delay = root.Duration("delay") ?? TimeSpan.Zero;
        _chunkDelay = root.Duration("chunk_delay") ?? TimeSpan.Zero;
        var scenarios = root.List("scenarios").Select(ReadScenario).ToList();
        root.End();
        return scenarios.Count > 0 ? scenarios : throw new ScenarioException(source, 1, "'scenarios' must list at least one scenario");
    }

    private YamlNode Parse(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            throw new ScenarioException(source, e.Start.Line, e.InnerException?.Message ?? e.Message);
        }

        return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : throw new ScenarioException(source, 1, "expected one YAML document");
    }

    private Scenario ReadScenario(YamlNode node)
    {
        var fields = new YamlFields(source, node);
        var scenario = new Scenario(fields.RequiredText("name"), fields.Text("when"), new Dictionary<string, IReadOnlyList<Turn>>
        {
            [Scenario.Solver] = [.. fields.List(Scenario.Solver).Select(ReadTurn)],
            [Scenario.Triage] = [.. fields.List(Scenario.Triage).Select(ReadTurn)],
        });
        fields.End();
        return scenario;
    }

    private Turn ReadTurn(YamlNode node)
    {
        var fields = new YamlFields(source, node);
        var turn = new Turn(
            fields.Text("reasoning") ?? "",
            fields.Text("content") ?? "",
            [.. fields.List("tool_calls").Select(ReadCall)],
            [.. fields.List("expect").Select(ReadExpectation)],
            ReadFault(fields.Fields("fault"), node),
            ReadUsage(fields.Fields("usage")),
            ReadFinishReason(fields, "finish_reason", node),
            fields.Duration("first_token_delay") ?? _firstTokenDelay,
            fields.Duration("delay") ?? _delay,
            fields.Duration("chunk_delay") ?? _chunkDelay);
        fields.End();
        return turn;
    }

    private ScriptedCall ReadCall(YamlNode node)
    {
        var fields = new YamlFields(source, node);
        var arguments = fields.Node("arguments");
        var call = new ScriptedCall(fields.RequiredText("name"), arguments switch
        {
            null => "{}",
            YamlScalarNode raw => raw.Value ?? "",
            _ => YamlJson.Write(arguments),
        });
        fields.End();
        return call;
    }

    private Expectation ReadExpectation(YamlNode node)
    {
        if (node is YamlScalarNode { Value: { } text })
        {
            return new Expectation(text, Pattern: null);
        }

        var fields = new YamlFields(source, node);
        var pattern = fields.RequiredText("matches");
        fields.End();
        try
        {
            return new Expectation(pattern, new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)));
        }
        catch (RegexParseException e)
        {
            throw fields.Wrong(node, e.Message);
        }
    }

    private static UsageOverride? ReadUsage(YamlFields? fields)
    {
        if (fields is null)
        {
            return null;
        }

        var usage = new UsageOverride(
            fields.Number("prompt_tokens"), fields.Number("prompt_cache_hit_tokens"), fields.Number("completion_tokens"), fields.Number("reasoning_tokens"));
        fields.End();
        return usage;
    }

    private static Fault? ReadFault(YamlFields? fields, YamlNode turn)
    {
        if (fields is null)
        {
            return null;
        }

        var status = fields.Number("status");
        var finish = ReadFinishReason(fields, "finish_reason", turn);
        var kinds = new (bool Wanted, FaultKind Kind)[]
        {
            (status is not null, FaultKind.Status), (fields.Flag("cut"), FaultKind.Cut), (fields.Flag("hold"), FaultKind.Hold), (finish is not null, FaultKind.Finish),
        }.Where(kind => kind.Wanted).Select(kind => kind.Kind).ToList();
        if (kinds.Count != 1 || (status is { } code && !Statuses.Contains(code)))
        {
            throw fields.Wrong(turn, $"a fault is one of status ({string.Join(", ", Statuses)}), cut: true, hold: true, finish_reason");
        }

        var fault = new Fault(kinds[0], (int)(fields.Number("times") ?? 1), (int?)fields.Number("at"), (int)(status ?? 0), (int?)fields.Number("retry_after"), finish);
        fields.End();
        return fault;
    }

    private static string? ReadFinishReason(YamlFields fields, string key, YamlNode turn)
    {
        var reason = fields.Text(key);
        return reason is null || FinishReasons.Contains(reason)
            ? reason
            : throw fields.Wrong(turn, $"unknown finish reason '{reason}'; known: {string.Join(", ", FinishReasons)}");
    }
}
