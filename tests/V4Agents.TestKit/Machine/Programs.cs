using System.Diagnostics;
using System.Text;

namespace V4Agents.TestKit.Machine;

/// <summary>Runs real programs. The limits only guard against a hang.</summary>
public static class Programs
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    /// <summary>The command-line program as it was built beside the tests.</summary>
    public static readonly string Cli = Path.Combine(AppContext.BaseDirectory, "v4.dll");

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!; // Null only with shell execution.
        process.StandardInput.Close();
        return process;
    }

    public static async Task<Ran> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        using var process = Start(program, arguments, environment, directory);
        using var limit = new CancellationTokenSource(Limit);
        var (output, error) = (new StringBuilder(), new StringBuilder());
        var reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, error));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            await reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Limit}.\n{output}\n{error}");
        }

        return new Ran(process.ExitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs a program that must succeed, and returns what it printed.</summary>
    public static async Task<string> MustAsync(string directory, string program, params string[] arguments)
    {
        var ran = await RunAsync(program, arguments, directory: directory);
        return ran.ExitCode == 0 ? ran.Output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {ran}");
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder text)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is > 0 and var read)
        {
            lock (text)
            {
                text.Append(buffer, 0, read);
            }
        }
    }
}
