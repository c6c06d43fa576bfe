using V4Agents.Service.Hosting;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Hosting;

public sealed class ServiceSettingsTests
{
    [Fact]
    public void FromEnvironment_ReadsOurVariablesAndSections()
    {
        var settings = ServiceSettings.FromEnvironment(
            new Dictionary<string, string>
            {
                ["V4_HOME"] = "/data",
                ["V4_DATABASE"] = "Host=db",
                ["V4_MODEL_URL"] = "http://127.0.0.1:1",
                ["DEEPSEEK_API_KEY"] = "k",
                ["V4_MODEL_STREAM"] = "false",
                ["V4_LISTEN"] = "127.0.0.1:1234",
                ["Sandbox__Image"] = "image",
            },
            isRoot: true);

        Assert.Equal(("/data", "Host=db", "127.0.0.1:1234", true), (settings.Home, settings.Database, settings.Listen, settings.HasModel));
        Assert.Equal(
            ["Models:Key=k", "Models:Stream=false", "Models:Url=http://127.0.0.1:1", "Sandbox:Image=image"],
            settings.Options.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true, null, "/var/lib/v4agents")]
    [InlineData(false, null, "/home/me/.local/share/v4agents")]
    [InlineData(false, "/data", "/data/v4agents")]
    public void FromEnvironment_WithoutAHome_TakesThePlaceThatIsUsual(bool isRoot, string? dataHome, string expected)
    {
        var environment = new Dictionary<string, string> { ["HOME"] = "/home/me", ["V4_MODEL_KEY"] = "" };
        if (dataHome is not null)
        {
            environment["XDG_DATA_HOME"] = dataHome;
        }

        var settings = ServiceSettings.FromEnvironment(environment, isRoot);

        Assert.Equal((expected, false), (settings.Home, settings.HasModel));
    }

    [Theory]
    [InlineData("http://0.0.0.0:8484")]
    [InlineData("http://192.0.2.1:80")]
    [InlineData("https://127.0.0.1:1")]
    [InlineData("http://example.org:80")]
    [InlineData("nonsense:port")]
    public void Listen_OnAnythingButLoopback_IsRefused(string listen) =>
        Assert.Equal("usage", Assert.Throws<ServiceStartException>(() => ListenAddress.Parse(listen)).Code);

    [Fact]
    public async Task ServiceFile_WithoutALockHeld_IsNoService()
    {
        var home = Directory.CreateTempSubdirectory().FullName;
        new ServiceFile("http://127.0.0.1:1", 1, DateTimeOffset.UnixEpoch).Write(home);
        using (await HomeLock.TakeAsync(home, TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken))
        {
            Assert.Equal("http://127.0.0.1:1", ServiceFile.Find(home)?.Url);
            Assert.Null(await HomeLock.TakeAsync(home, TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken));
        }

        Assert.Null(ServiceFile.Find(home));
        Directory.Delete(home, recursive: true);
    }
}
