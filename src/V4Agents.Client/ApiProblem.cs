using System.Text.Json;

namespace V4Agents.Client;

/// <summary>From an HTTP answer that is not a success to an <see cref="ApiException"/>.</summary>
internal static class ApiProblem
{
    public static ApiException NoAnswer(Uri? server, string reason, Exception inner) => new(
        ApiException.Unreachable, $"The server {server} does not answer: {reason}. Check that `v4 serve` runs there, and the address given with --server or V4_SERVER.",
        status: null, inner);

    public static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        using (response)
        {
            var status = (int)response.StatusCode;
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw Read(body, status) ?? new ApiException("internal", $"The server answered {status} {response.ReasonPhrase} without saying why.", status);
        }
    }

    private static ApiException? Read(string body, int status)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("code", out var code)
                ? new ApiException(code.ToString(), problem.TryGetProperty("detail", out var detail) ? detail.ToString() : code.ToString(), status)
                : null;
        }
        catch (JsonException)
        {
            // Not a problem document: something other than the service answered.
            return null;
        }
    }
}
