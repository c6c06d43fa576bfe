using System.Security.Cryptography;
using System.Text;
using V4Agents.Core.Blobs;

namespace V4Agents.Core.Prompts;

/// <summary>A hash over everything the model is sent before its answer: tool list first, then each message. Equal chains are byte-equal prompts.</summary>
public static class PromptChain
{
    public static string Begin(BlobId tools) => Hash($"tools {tools}");

    public static string Extend(string chain, BlobId message) => Hash($"{chain} {message}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
