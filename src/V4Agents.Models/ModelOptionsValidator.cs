using Microsoft.Extensions.Options;
using V4Agents.Core.Conversations;

namespace V4Agents.Models;

/// <summary>What data annotations cannot say. Never repeats the URL or the key: either may hold a secret.</summary>
internal sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    private const int MaxOutputTokens = 393_216;
    private static readonly string[] Efforts = ["none", "low", "high", "max"];

    private static readonly Dictionary<string, string> Retired = new(StringComparer.OrdinalIgnoreCase)
    {
        ["deepseek-chat"] = "deepseek-flash with Effort none",
        ["deepseek-reasoner"] = "deepseek-flash with Effort high",
    };

    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var problems = UrlProblems(options.Url).Concat(KeyProblems(options.Key)).Concat(options.Roles.SelectMany(RoleProblems)).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> UrlProblems(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
        {
            yield return "Models:Url is not an absolute http or https URL. Set it like https://api.deepseek.com.";
        }
        else if (parsed.UserInfo.Length > 0 || parsed.Query.Length > 0 || parsed.Fragment.Length > 0)
        {
            yield return "Models:Url carries a user name, a query or a fragment. Give the bare base URL, and the key as Models:Key.";
        }
    }

    private static IEnumerable<string> KeyProblems(string? key)
    {
        // A header refuses such a key only at the first call, and quotes it.
        if (key is not null && key.Any(c => c is <= ' ' or > '~'))
        {
            yield return "Models:Key holds white space or a character outside ASCII. Copy the key again, without quotes or line ends.";
        }
    }

    private static IEnumerable<string> RoleProblems(KeyValuePair<string, ModelRoleOptions> entry)
    {
        var (role, options) = entry;
        if (!Enum.GetNames<ModelRole>().Contains(role, StringComparer.OrdinalIgnoreCase))
        {
            yield return $"Models:Roles:{role} is not a role. The roles are solver, triage, summarizer and reviewer.";
        }

        if (string.IsNullOrWhiteSpace(options.Model))
        {
            yield return $"Models:Roles:{role}:Model is empty. Name a model, for instance deepseek-flash.";
        }
        else if (Retired.TryGetValue(options.Model, out var replacement))
        {
            yield return $"Models:Roles:{role}:Model is {options.Model}, which is no longer served. Use {replacement}.";
        }

        if (!Efforts.Contains(options.Effort))
        {
            yield return $"Models:Roles:{role}:Effort is '{options.Effort}'. Use none, low, high or max.";
        }

        if (options.MaxOutputTokens is < 1 or > MaxOutputTokens)
        {
            yield return $"Models:Roles:{role}:MaxOutputTokens is {options.MaxOutputTokens}. Use 1 to {MaxOutputTokens}.";
        }
    }
}
