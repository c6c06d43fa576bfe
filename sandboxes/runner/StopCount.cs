namespace V4Agents.Runner;

internal readonly record struct StopCount(int Calls, int Processes);
