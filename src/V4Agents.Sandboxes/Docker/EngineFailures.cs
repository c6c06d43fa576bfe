using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

/// <summary>What the engine's failures mean, in words for a person and with the one bit that matters to a program.</summary>
internal static class EngineFailures
{
    public static bool Is(Exception e) =>
        e is DockerApiException or HttpRequestException or IOException or SocketException or TimeoutException
            or AggregateException { InnerException: SocketException };

    public static SandboxException Describe(Exception e, SandboxOptions options) => e switch
    {
        DockerImageNotFoundException => ImageMissing(options, e),
        DockerApiException { StatusCode: HttpStatusCode.NotFound } api when api.Message.Contains("No such image", StringComparison.OrdinalIgnoreCase)
            => ImageMissing(options, e),
        DockerApiException { StatusCode: HttpStatusCode.NotFound } => new SandboxException("The sandbox's container does not exist any more.", false, e),
        DockerApiException api => new SandboxException($"The container engine refused: {api.ResponseBody?.Trim()}", (int)api.StatusCode >= 500, e),
        _ => Unreachable(e, options),
    };

    private static SandboxException ImageMissing(SandboxOptions options, Exception e) => new(
        $"The sandbox image {options.Image} does not exist on this engine. Run ./v4 setup to build it.", false, e);

    private static SandboxException Unreachable(Exception e, SandboxOptions options)
    {
        var address = options.DockerHost;
        var error = Causes(e).OfType<SocketException>().FirstOrDefault()?.SocketErrorCode;
        return error switch
        {
            SocketError.AccessDenied => new SandboxException(
                $"No permission to use the container engine at {address}. Add this user to the docker group (and log in again), or run as a user that is.", false, e),
            SocketError.AddressNotAvailable or SocketError.ConnectionRefused or SocketError.HostNotFound => new SandboxException(
                $"No container engine listens at {address}. Start Docker, or set Sandbox:DockerHost to where it listens.", true, e),
            _ => new SandboxException($"The container engine at {address} did not answer: {e.GetBaseException().Message}", true, e),
        };
    }

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
