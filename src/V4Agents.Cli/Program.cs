using V4Agents.Cli;

return await V4Command.RunAsync(args, CliHost.OfThisProcess());
