using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;
using V4Agents.Core.Sandboxing;

namespace V4Agents.Sandboxes.Docker;

/// <summary>What the engine's failures mean, in words for a person and with the bits that matter to a program.</summary>
internal static class EngineFailures
{
    /// <summary>
    /// The engine refused, did not answer in time, or broke off in the middle of an answer, as one that restarts does. Cancelled by <paramref name="caller"/>
    /// is not a failure of the engine.
    /// </summary>
    public static bool Is(Exception e, CancellationToken caller) => e switch
    {
        OperationCanceledException => !caller.IsCancellationRequested,
        DockerApiException or HttpRequestException or IOException or SocketException or TimeoutException => true,
        // Half an answer, and an answer that is not the promised stream.
        JsonException or InvalidOperationException => true,
        AggregateException many => many.InnerExceptions.All(inner => Is(inner, caller)),
        _ => false,
    };

    public static bool IsNotFound(Exception e) => e is DockerApiException { StatusCode: HttpStatusCode.NotFound } api && !IsImageMissing(api);

    public static SandboxException Describe(Exception e, SandboxOptions options) => e switch
    {
        DockerApiException api when IsImageMissing(api) => new SandboxException(
            $"The sandbox image {options.Image} does not exist on this engine. Run ./v4 setup to build it.", false, e),
        DockerApiException api => new SandboxException($"The container engine refused: {api.ResponseBody?.Trim()}", (int)api.StatusCode is >= 500 or 404 or 409, e),
        _ => Unreachable(e, options),
    };

    /// <summary>Not worth a retry: what the sandbox held is gone.</summary>
    public static SandboxException Lost(SandboxId id, string how, Exception? inner = null) =>
        new($"The container of sandbox {id} {how}.", isTransient: false, inner) { IsLost = true };

    private static bool IsImageMissing(DockerApiException e) =>
        e is DockerImageNotFoundException || (e.StatusCode == HttpStatusCode.NotFound && e.Message.Contains("No such image", StringComparison.OrdinalIgnoreCase));

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
            _ when Causes(e).Any(cause => cause is OperationCanceledException or TimeoutException) => new SandboxException(
                $"The container engine at {address} did not answer in time.", true, e),
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
