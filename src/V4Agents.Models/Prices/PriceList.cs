namespace V4Agents.Models.Prices;

/// <summary>The price book as it is stored. A row is either flat or has both a peak and an off-peak price.</summary>
internal sealed record PriceList(
    string Edition, IReadOnlyList<PriceList.Row> Rows, IReadOnlyList<PriceList.Alias> Aliases, PeakHours Peak)
{
    internal sealed record Row(string Model, DateTimeOffset From, Price? Flat, Price? OffPeak, Price? Peak);

    internal sealed record Price(decimal Hit, decimal Miss, decimal Output);

    /// <summary>A name that the API routes to another model, until the instant (not included) at which it stops.</summary>
    internal sealed record Alias(string Name, string Model, DateTimeOffset From, DateTimeOffset? Until);
}
