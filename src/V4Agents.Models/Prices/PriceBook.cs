using System.Text.Json;
using V4Agents.Core.Budgets;

namespace V4Agents.Models.Prices;

/// <summary>The dated price list that ships with the program.</summary>
internal sealed class PriceBook(PriceList list) : IPriceBook
{
    private const string Resource = "V4Agents.Models.Prices.usd.json";

    public static PriceBook Shipped()
    {
        using var stream = typeof(PriceBook).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The resource {Resource} is not in the assembly.");
        return new PriceBook(JsonSerializer.Deserialize<PriceList>(stream, JsonSerializerOptions.Web)
            ?? throw new JsonException("The price list is JSON null."));
    }

    public Tariff? Quote(string model, DateTimeOffset at)
    {
        var routed = list.Aliases.FirstOrDefault(alias => alias.Name == model) is { } alias
            ? alias.From <= at && !(at >= alias.Until) ? alias.Model : null
            : model;
        var row = list.Rows.Where(row => row.Model == routed && row.From <= at).MaxBy(row => row.From);
        return row switch
        {
            null => null,
            { Flat: { } flat } => Tariff("flat", flat),
            { Peak: { } peak } when list.Peak.Contains(at) => Tariff("peak", peak),
            { OffPeak: { } offPeak } => Tariff("off-peak", offPeak),
            _ => throw new InvalidOperationException($"The price row of {row.Model} from {row.From:O} has no price for {at:O}."),
        };
    }

    private Tariff Tariff(string window, PriceList.Price price) => new(list.Edition, window, price.Hit, price.Miss, price.Output);
}
