using System.Text.Json;

namespace V4Agents.Service.Hosting;

/// <summary>How a command finds the service that runs on its data directory.</summary>
public sealed record ServiceFile(string Url, int Pid, DateTimeOffset StartedAt)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Null when no service runs there, also when one was killed and left its file.</summary>
    public static ServiceFile? Find(string home)
    {
        try
        {
            return HomeLock.IsHeld(home) ? JsonSerializer.Deserialize<ServiceFile>(File.ReadAllText(PathIn(home)), Options) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // The service is starting or stopping.
            return null;
        }
    }

    internal static string PathIn(string home) => Path.Combine(home, "service.json");

    internal void Write(string home)
    {
        var written = PathIn(home) + ".new";
        File.Delete(written);
        using (var file = new FileStream(written, OnlyForItsOwner()))
        {
            JsonSerializer.Serialize(file, this, Options);
        }

        File.Move(written, PathIn(home), overwrite: true);
    }

    private static FileStreamOptions OnlyForItsOwner()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    internal static void Remove(string home) => File.Delete(PathIn(home));
}
