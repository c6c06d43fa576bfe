using V4Agents.Simulator.Protocol;

namespace V4Agents.Simulator.Caching;

/// <summary>
/// The context cache: a unit is stored at the end of each input and of each output, and a later prompt hits the longest unit that is its prefix.
/// Unlike the hosted cache, units are there at once and stay.
/// </summary>
internal sealed class PrefixCache
{
    private const int Granularity = 128;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _units = [];

    /// <returns>Tokens of the prompt that need not be computed, a multiple of 128.</returns>
    public long Hit(PromptChain prompt)
    {
        lock (_gate)
        {
            var longest = prompt.Links.LastOrDefault(link => _units.Contains(link.Hash));
            return longest is null ? 0 : TokenEstimate.OfBytes(longest.Bytes) / Granularity * Granularity;
        }
    }

    public void Store(PromptChain prompt)
    {
        lock (_gate)
        {
            _units.Add(prompt.End.Hash);
        }
    }
}
