using System.CommandLine;
using V4Agents.Service.Hosting;

namespace V4Agents.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Build(CliHost host)
    {
        var command = new Command("doctor", "Check what a task needs on this machine, and say how to get what is missing.");
        command.SetAction(async (_, cancellationToken) =>
        {
            var findings = await Diagnosis.RunAsync(host.Settings(), cancellationToken);
            foreach (var finding in findings)
            {
                host.Out.Line($"{(finding.Ok ? "ok     " : "MISSING")} {finding.Name,-14} {Output.Printable.Line(finding.Found, 400)}", finding.Ok ? "green" : "red");
                if (!finding.Ok)
                {
                    host.Out.Line($"        {finding.Fix}");
                }
            }

            return findings.All(finding => finding.Ok) ? 0 : 1;
        });
        return command;
    }
}
