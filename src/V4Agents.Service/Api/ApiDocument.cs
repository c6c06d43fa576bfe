using Microsoft.AspNetCore.OpenApi;

namespace V4Agents.Service.Api;

/// <summary>What the OpenAPI document says beside the routes. Nothing in it depends on where the service runs.</summary>
internal static class ApiDocument
{
    public static void Describe(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "V4Agents";
        document.Info.Version = "1";
        document.Info.Description = "Submit an issue and a repository, follow the task, fetch the verified patch with its evidence. "
            + "Every refusal is a problem document with a 'code' for programs and a 'detail' for people.";
        document.Servers?.Clear();
        return Task.CompletedTask;
    });
}
