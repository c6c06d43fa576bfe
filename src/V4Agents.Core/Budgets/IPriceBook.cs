namespace V4Agents.Core.Budgets;

/// <summary>Dated prices. The instant that counts is when the request is sent.</summary>
public interface IPriceBook
{
    /// <summary>Null when the book has no price for the model: its calls are counted in tokens, and shown as unpriced.</summary>
    Tariff? Quote(string model, DateTimeOffset at);
}
