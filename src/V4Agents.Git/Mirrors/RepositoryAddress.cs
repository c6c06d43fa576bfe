using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using V4Agents.Core.Repositories;

namespace V4Agents.Git.Mirrors;

/// <summary>Where a repository is, as git is told it: without credentials, which travel apart and are never stored or shown.</summary>
/// <param name="Location">An absolute path, a URL, or <c>user@host:path</c>.</param>
/// <param name="Credentials">What an http address carried before its host.</param>
internal sealed partial record RepositoryAddress(string Location, bool IsLocal, UrlCredentials? Credentials)
{
    private static readonly string[] Schemes = ["http", "https", "ssh", "git"];

    /// <summary>The mirror's name: the same for every way to write the same place.</summary>
    public RepositoryId Id =>
        new("r-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Location)))[..24]);

    public bool IsSsh => !IsLocal && (Location.StartsWith("ssh:", StringComparison.Ordinal) || !Location.Contains("://", StringComparison.Ordinal));

    /// <summary>For messages. A query may hold a token, so it is left out.</summary>
    public string Display => IsLocal ? Location : Location.Split('?', 2)[0];

    /// <summary>Null with a problem when this is no address that can be used. Relative paths are refused: only a client knows what to.</summary>
    public static RepositoryAddress? Parse(string text, out string problem)
    {
        problem = "";
        if (text.Length == 0 || text.Any(char.IsControl))
        {
            problem = "The repository address is empty or holds control characters.";
            return null;
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            return ParseUrl(text, out problem);
        }

        if (Path.IsPathFullyQualified(text))
        {
            return new RepositoryAddress(Path.GetFullPath(text), IsLocal: true, Credentials: null);
        }

        if (Scp().IsMatch(text))
        {
            return new RepositoryAddress(text.TrimEnd('/'), IsLocal: false, Credentials: null);
        }

        problem = text.Contains("::", StringComparison.Ordinal) || text.StartsWith('-')
            ? "The repository address is neither an absolute path nor a URL with file, http, https, ssh or git."
            : $"'{text}' is a relative path. Give an absolute path or a URL.";
        return null;
    }

    private static RepositoryAddress? ParseUrl(string text, out string problem)
    {
        problem = "The repository address is not a URL with file, http, https, ssh or git.";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            return null;
        }

        if (url.Scheme == Uri.UriSchemeFile)
        {
            // The text, not the parsed path: a path in a file URL is plain for git, '#' and '?' included.
            var path = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
            path = path.StartsWith("localhost/", StringComparison.OrdinalIgnoreCase) ? path["localhost".Length..] : path;
            return path.StartsWith('/') ? new RepositoryAddress(Path.GetFullPath(Uri.UnescapeDataString(path)), IsLocal: true, Credentials: null) : null;
        }

        if (!Schemes.Contains(url.Scheme) || url.Host.Length == 0 || url.Host.StartsWith('-') || url.UserInfo.StartsWith('-'))
        {
            return null;
        }

        problem = "";
        var user = url.UserInfo.Split(':', 2);
        var isHttp = url.Scheme is "http" or "https";
        // The user of an ssh address names an account and is no secret; a password there could not be used by ssh anyway.
        var kept = !isHttp && user[0].Length > 0 ? user[0] + "@" : "";
        var port = url.IsDefaultPort || url.Port < 0 ? "" : $":{url.Port}";
        var location = $"{url.Scheme}://{kept}{url.Host}{port}{url.PathAndQuery.TrimEnd('/')}";
        var credentials = isHttp && url.UserInfo.Length > 0
            ? new UrlCredentials($"{url.Scheme}://{url.Host}{port}", Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null)
            : null;
        return new RepositoryAddress(location, IsLocal: false, credentials);
    }

    [GeneratedRegex(@"^(?:[A-Za-z0-9_][\w.+-]*@)?(?:[A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\]):(?![:/]{2})[^-:].*$")]
    private static partial Regex Scp();
}
