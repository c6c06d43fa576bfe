namespace V4Agents.Adapters.Tests.Models.Http;

/// <summary>Stream frames as the servers write them.</summary>
internal static class Frames
{
    public const string Done = "data: [DONE]\n\n";

    public static string Delta(string delta, string finish = "null", string usage = "null") => Data(
        $$"""{"id":"req-1","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finish}}}],"usage":{{usage}}}""");

    public static string Content(string text) => Delta($$"""{"content":"{{text}}","reasoning_content":null}""");

    public static string End(string finish = "stop", string usage = "null") => Delta("""{"role":null,"content":""}""", $"\"{finish}\"", usage);

    public static string Data(string json) => $"data: {json}\n\n";
}
