using System.Security.Cryptography;
using System.Text;

namespace V4Agents.Simulator.Caching;

/// <summary>A prompt as a chain of hashes, one per message border: equal links mean byte-equal prompts up to there.</summary>
internal sealed class PromptChain
{
    private readonly List<Link> _links;

    private PromptChain(List<Link> links) => _links = links;

    /// <param name="scope">Account and model: what is cached in one is unknown in another.</param>
    public static PromptChain Of(string scope, IEnumerable<byte[]> segments)
    {
        var chain = new PromptChain([new Link(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(scope))), 0)]);
        foreach (var segment in segments)
        {
            chain._links.Add(chain.End.Follow(segment));
        }

        return chain;
    }

    public IReadOnlyList<Link> Links => _links;

    public Link End => _links[^1];

    public PromptChain With(byte[] segment) => new([.. _links, End.Follow(segment)]);

    /// <param name="Bytes">Of the prompt up to here.</param>
    internal sealed record Link(string Hash, long Bytes)
    {
        public Link Follow(byte[] segment)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Convert.FromHexString(Hash));
            hash.AppendData(segment);
            return new Link(Convert.ToHexString(hash.GetHashAndReset()), Bytes + segment.Length);
        }
    }
}
