using System.Security.Cryptography;
using System.Text;
using V4Agents.Core.Tasks;

namespace V4Agents.Service.Api;

/// <summary>The idempotency key is the task: the same key always names the same id.</summary>
internal static class TaskKeys
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Length = 20;

    public static TaskId Of(string tenant, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{key}"));
        var text = new StringBuilder("t-", Length + 2);
        for (var i = 0; i < Length; i++)
        {
            var bit = i * 5;
            var pair = (hash[bit / 8] << 8) | hash[bit / 8 + 1];
            text.Append(Alphabet[(pair >> (11 - bit % 8)) & 31]);
        }

        return new TaskId(text.ToString());
    }

    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
