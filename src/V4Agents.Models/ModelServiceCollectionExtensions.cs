using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using V4Agents.Core.Budgets;
using V4Agents.Core.Conversations;
using V4Agents.Models.Answers;
using V4Agents.Models.Prices;
using V4Agents.Models.Wire;

namespace V4Agents.Models;

public static class ModelServiceCollectionExtensions
{
    /// <summary>Registers <see cref="IModelClient"/> and <see cref="IPriceBook"/> as singletons, configured by section
    /// <see cref="ModelOptions.Section"/>.</summary>
    public static IServiceCollection AddDeepSeekModels(this IServiceCollection services)
    {
        services.AddOptions<ModelOptions>().BindConfiguration(ModelOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ModelOptions>, ModelOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);

        // The factory's own loggers would write request lines beside ours; limits are the call clock's, not the client's.
        services.AddHttpClient(Transport.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(Transport.Handler)
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .AddResilienceHandler("short-retries", (builder, context) => Transport.Configure(
                builder,
                context.ServiceProvider.GetRequiredService<IOptions<ModelOptions>>().Value,
                context.ServiceProvider.GetRequiredService<TimeProvider>()));

        services.AddSingleton<AnswerStore>();
        services.AddHostedService<AnswerTidying>();
        services.AddSingleton<IModelClient, ChatClient>();
        services.AddSingleton<IPriceBook>(_ => PriceBook.Shipped());
        return services;
    }
}
