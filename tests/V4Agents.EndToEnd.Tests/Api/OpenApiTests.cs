using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Service.Api;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Api;

/// <summary>The HTTP contract is public: a change of it must be seen in a diff.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_IsTheCommittedOne()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddTasksApi();
        await using var app = builder.Build();
        app.MapTasksApi();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        var served = await http.GetStringAsync($"{address}/openapi/v1.json", TestContext.Current.CancellationToken);

        var committed = Sources.PathOf("docs/openapi.json");
        if (Environment.GetEnvironmentVariable("V4_WRITE_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(committed, served.TrimEnd() + "\n", TestContext.Current.CancellationToken);
        }

        Assert.True(
            File.Exists(committed) && File.ReadAllText(committed).TrimEnd() == served.TrimEnd(),
            "The API differs from docs/openapi.json. If that is meant, write it anew with V4_WRITE_OPENAPI=1 and read the difference.");
    }
}
