using System.Text.Json.Serialization;

namespace V4Agents.Sandboxes.Calls.Protocol;

/// <summary>Source-generated, because the runner is compiled ahead of time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(CallRecord))]
[JsonSerializable(typeof(CallRequest))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
