using System.ComponentModel.DataAnnotations;
using System.Net;

namespace V4Agents.Service.Hosting;

/// <summary>Where the Orleans silo listens for other silos of the same database. It asks for no credentials.</summary>
internal sealed class SiloOptions
{
    public const string Section = "Silo";

    /// <summary>The address of this machine that other silos reach this one at. Other machines need another than loopback. Default: loopback.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>0: the port that the data directory's silo had last, or else a free one. Default: 0.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; }

    /// <exception cref="ServiceStartException">It is no address that another silo could connect to.</exception>
    public IPAddress Parsed() =>
        IPAddress.TryParse(Address, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? address
            : throw new ServiceStartException("usage", $"Silo:Address is '{Address}', which other silos cannot connect to. Use this machine's own address, like 10.0.0.5.");
}
