using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace V4Agents.Adapters.Tests.Git;

/// <summary>Repositories over http on loopback by git's own server program, behind a password; it can lose a push or the answer to it.</summary>
internal sealed class GitServer : IAsyncDisposable
{
    public const string Password = "pa55-w0rd";
    private readonly WebApplication _app;
    private readonly string _root;

    private GitServer(string root)
    {
        _root = root;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Run(AnswerAsync);
    }

    public bool LosesAnswers { get; set; }

    public bool LosesRequests { get; set; }

    public string Host => _app.Urls.Single()["http://".Length..];

    public static async Task<GitServer> StartAsync(string root)
    {
        var server = new GitServer(root);
        await server._app.StartAsync();
        return server;
    }

    public string Address(string repository, string password = Password) => $"http://me:{password}@{Host}/{repository}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"me:{Password}")))
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (LosesRequests && http.Request.Method == HttpMethods.Post && http.Request.Path.Value!.EndsWith("git-receive-pack", StringComparison.Ordinal))
        {
            http.Abort();
            return;
        }

        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "http-backend"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["GIT_PROJECT_ROOT"] = _root,
                ["GIT_HTTP_EXPORT_ALL"] = "1",
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["REMOTE_USER"] = "me",
                ["REMOTE_ADDR"] = "127.0.0.1",
                ["REQUEST_METHOD"] = http.Request.Method,
                ["PATH_INFO"] = http.Request.Path,
                ["QUERY_STRING"] = http.Request.QueryString.Value?.TrimStart('?'),
                ["CONTENT_TYPE"] = http.Request.ContentType,
                ["HTTP_CONTENT_ENCODING"] = http.Request.Headers.ContentEncoding,
                ["GIT_PROTOCOL"] = http.Request.Headers["Git-Protocol"],
            },
        };
        using var process = Process.Start(start)!; // It starts a new one.
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        await http.Request.Body.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        await reading;
        if (LosesAnswers && http.Request.Path.Value!.EndsWith("git-receive-pack", StringComparison.Ordinal))
        {
            http.Abort();
            return;
        }

        var bytes = output.ToArray();
        var body = bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        foreach (var header in Encoding.ASCII.GetString(bytes, 0, body).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)))
        {
            if (header[0] == "Status")
            {
                http.Response.StatusCode = int.Parse(header[1][..3], provider: null);
            }
            else
            {
                http.Response.Headers[header[0]] = header[1];
            }
        }

        await http.Response.Body.WriteAsync(bytes.AsMemory(body));
    }
}
