namespace V4Agents.Service.Hosting;

/// <param name="Found">A version, or what is wrong.</param>
/// <param name="Fix">What to do when it is not well.</param>
public sealed record Finding(string Name, bool Ok, string Found, string Fix);
