using V4Agents.Runner;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

switch (args)
{
    case ["serve", "--lifetime", var seconds] when long.TryParse(seconds, out var lifetime):
        return await Server.RunAsync(TimeSpan.FromSeconds(lifetime));
    case ["connect"]:
        return Bridge.Run();
    default:
        Console.Error.WriteLine("usage: v4-runner serve --lifetime SECONDS | v4-runner connect");
        return 64;
}
