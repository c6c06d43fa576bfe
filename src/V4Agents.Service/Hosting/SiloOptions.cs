using System.ComponentModel.DataAnnotations;

namespace V4Agents.Service.Hosting;

/// <summary>Where the Orleans silo listens. With the private database free loopback ports are taken instead.</summary>
internal sealed class SiloOptions
{
    public const string Section = "Silo";

    /// <summary>The address that other silos reach this one at. Default: loopback.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>For other silos. Default: 11111.</summary>
    [Range(1, 65_535)]
    public int Port { get; set; } = 11_111;

    /// <summary>For clients. Default: 30000.</summary>
    [Range(1, 65_535)]
    public int GatewayPort { get; set; } = 30_000;
}
