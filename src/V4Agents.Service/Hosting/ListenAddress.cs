using System.Net;

namespace V4Agents.Service.Hosting;

/// <summary>The API's address. Only loopback is taken: whoever reaches the API may use it.</summary>
internal static class ListenAddress
{
    public static IPEndPoint Parse(string listen)
    {
        var text = listen.Contains("://", StringComparison.Ordinal) ? listen : $"http://{listen}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.AbsolutePath != "/")
        {
            throw new ServiceStartException("usage", $"'{listen}' is no address to listen on. Use one like http://127.0.0.1:8484.");
        }

        var address = url.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed : null;
        return address is not null && IPAddress.IsLoopback(address)
            ? new IPEndPoint(address, url.Port)
            : throw new ServiceStartException(
                "usage", $"The service does not listen on '{url.Host}': its API asks for no credentials, so it stays on loopback. Use 127.0.0.1, and a tunnel from outside.");
    }
}
