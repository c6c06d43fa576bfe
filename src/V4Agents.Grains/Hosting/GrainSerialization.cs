using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace V4Agents.Grains.Hosting;

public static class GrainSerialization
{
    /// <summary>
    /// Our messages cross silos as JSON, so that Core needs no Orleans attribute. Exceptions stay with Orleans' own codec.
    /// Silos and clients both need it.
    /// </summary>
    public static IServiceCollection AddGrainSerialization(this IServiceCollection services) => services.AddSerializer(
        serializer => serializer.AddJsonSerializer(
            type => (type.Namespace?.StartsWith("V4Agents.", StringComparison.Ordinal) ?? false) && !type.IsAssignableTo(typeof(Exception))));
}
