using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace V4Agents.Service.Hosting;

/// <summary>
/// Which silo a data directory is, kept across restarts. Under its name a successor recognizes what a killed predecessor left behind, because one
/// process at a time holds the directory; at its port the other silos meet it again.
/// </summary>
/// <param name="Home">Where the identity was made: a copied directory is another silo.</param>
internal sealed record SiloIdentity(string Name, string Host, string Home, string Address, int Port)
{
    [JsonIgnore]
    public IPEndPoint EndPoint => new(IPAddress.Parse(Address), Port);

    /// <summary>Caller holds the directory's lock.</summary>
    public static SiloIdentity Take(string home, SiloOptions options)
    {
        var address = options.Parsed();
        var file = Path.Combine(home, "silo.json");
        var known = Read(file) is { } read && read.Host == Environment.MachineName && read.Home == home ? read : null;
        var port = options.Port > 0 ? options.Port
            : known is not null && IsFree(address, known.Port) ? known.Port
            : FreePort(address);
        var name = known?.Name ?? $"{Environment.MachineName}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var identity = new SiloIdentity(name, Environment.MachineName, home, address.ToString(), port);
        if (identity != known)
        {
            File.WriteAllText(file + ".new", JsonSerializer.Serialize(identity, JsonSerializerOptions.Web));
            File.Move(file + ".new", file, overwrite: true);
        }

        return identity;
    }

    private static SiloIdentity? Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<SiloIdentity>(File.ReadAllText(file), JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    private static bool IsFree(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort(IPAddress address)
    {
        try
        {
            using var listener = new TcpListener(address, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException e)
        {
            throw new ServiceStartException("usage", $"The silo cannot listen on Silo:Address '{address}': {e.Message}. Use an address of this machine.", e);
        }
    }
}
