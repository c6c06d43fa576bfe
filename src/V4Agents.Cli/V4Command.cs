using System.CommandLine;
using V4Agents.Cli.Commands;
using V4Agents.Client;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli;

/// <summary>The command line: parses, runs one command, and turns what it could not do into a message and an exit code.</summary>
internal static class V4Command
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliHost host)
    {
        using var interrupts = new Interrupts(host.Error);
        var parsed = Root(host).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await host.Error.WriteLineAsync(error.Message);
            }

            await host.Error.WriteLineAsync($"Try 'v4 {string.Join(' ', Words(parsed.CommandResult.Command))}--help'.");
            return (int)ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                    Output = host.Out.Writer,
                    Error = host.Error,
                },
                interrupts.Token);
        }
        catch (ApiException e)
        {
            return await FailAsync(host, ExitCodes.OfCode(e.Code), e.Message);
        }
        catch (ServiceStartException e)
        {
            return await FailAsync(host, ExitCodes.OfCode(e.Code), e.Message);
        }
        catch (UsageException e)
        {
            return await FailAsync(host, ExitCode.Usage, e.Message);
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            return (int)ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(host, ExitCode.Unexpected, e.Message);
        }
        catch (Exception e)
        {
            return await FailAsync(host, ExitCode.Internal, $"{e.GetType().Name}: {e.Message}");
        }
    }

    public static RootCommand Root(CliHost host) => new("Turns an issue and a repository into a verified patch.")
    {
        DemoCommand.Build(host),
        SubmitCommand.Build(host),
        WatchCommand.Build(host),
        ListCommand.Build(host),
        ShowCommand.Build(host),
        DiffCommand.Build(host),
        ApplyCommand.Build(host),
        CancelCommand.Build(host),
        ControlCommand.BuildPause(host),
        ControlCommand.BuildResume(host),
        ControlCommand.BuildSay(host),
        ControlCommand.BuildApprove(host),
        ForkCommand.Build(host),
        ReplayCommand.Build(host),
        ServeCommand.Build(host),
        DoctorCommand.Build(host),
    };

    private static async Task<int> FailAsync(CliHost host, ExitCode code, string message)
    {
        await host.Error.WriteLineAsync($"v4: {Output.Printable.Text(message)} [{code.Spelled()}, exit {(int)code}]");
        return (int)code;
    }

    private static IEnumerable<string> Words(Command command) => command is RootCommand ? [] : [command.Name, ""];
}
