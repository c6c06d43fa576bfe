using System.Text;
using System.Text.Json;

namespace V4Agents.Simulator.Protocol;

internal static class ErrorResponse
{
    public static async Task WriteAsync(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = error.Status;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(Body(error)), http.RequestAborted);
    }

    private static string Body(ApiError error) => JsonSerializer.Serialize(
        new { error = new { message = error.Message, type = error.Type, param = (string?)null, code = error.Code } }, Json.Options);
}
