using System.Globalization;
using V4Agents.Core.Budgets;
using V4Agents.Models.Prices;
using Xunit;

namespace V4Agents.Adapters.Tests.Models;

public sealed class PriceBookTests
{
    private static readonly PriceBook Book = PriceBook.Shipped();

    // Each border: the last second of the old price and the first instant of the new.
    [Theory]
    [InlineData("deepseek-flash", "2026-04-24T00:00:00", "flat 0.028 0.14 0.28")]
    [InlineData("deepseek-flash", "2026-04-26T12:14:59", "flat 0.028 0.14 0.28")]
    [InlineData("deepseek-flash", "2026-04-26T12:15:00", "flat 0.0028 0.14 0.28")]
    [InlineData("deepseek-flash", "2026-08-16T15:59:59", "flat 0.0028 0.14 0.28")]
    [InlineData("deepseek-flash", "2026-08-16T16:00:00", "off-peak 0.007 0.22 0.66")]
    [InlineData("deepseek-flash", "2026-08-17T01:00:00", "peak 0.014 0.44 1.32")]
    [InlineData("deepseek-flash", "2026-09-10T03:59:59", "peak 0.014 0.44 1.32")]
    [InlineData("deepseek-flash", "2026-09-10T04:00:00", "off-peak 0.003 0.15 0.60")]
    [InlineData("deepseek-flash", "2026-09-10T06:00:00", "peak 0.006 0.30 1.20")]
    [InlineData("deepseek-v4-pro", "2026-04-24T00:00:00", "flat 0.145 1.74 3.48")]
    [InlineData("deepseek-v4-pro", "2026-04-26T12:14:59", "flat 0.145 1.74 3.48")]
    [InlineData("deepseek-v4-pro", "2026-04-26T12:15:00", "flat 0.003625 0.435 0.87")]
    [InlineData("deepseek-v4-pro", "2026-05-31T15:58:59", "flat 0.003625 0.435 0.87")]
    [InlineData("deepseek-v4-pro", "2026-05-31T15:59:00", "flat 0.003625 0.435 0.87")]
    [InlineData("deepseek-v4-pro", "2026-08-16T15:59:59", "flat 0.003625 0.435 0.87")]
    [InlineData("deepseek-v4-pro", "2026-08-16T16:00:00", "off-peak 0.022 0.66 1.98")]
    [InlineData("deepseek-v4-pro", "2026-09-10T04:00:00", "off-peak 0.022 0.66 1.98")]
    [InlineData("deepseek-v4-pro", "2026-11-24T06:00:00", "peak 0.044 1.32 3.96")]
    public void Quote_WhenARowBeginsOrEnds_ChangesAtTheInstant(string model, string utc, string expected)
    {
        var tariff = Book.Quote(model, At(utc));

        var words = expected.Split(' ');
        var prices = words[1..].Select(price => decimal.Parse(price, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(new Tariff("deepseek-usd-2026-11-24", words[0], prices[0], prices[1], prices[2]), tariff);
    }

    [Theory]
    [InlineData("2026-11-24T00:59:59", "off-peak")]
    [InlineData("2026-11-24T01:00:00", "peak")]
    [InlineData("2026-11-24T03:59:59", "peak")]
    [InlineData("2026-11-24T04:00:00", "off-peak")]
    [InlineData("2026-11-24T05:59:59", "off-peak")]
    [InlineData("2026-11-24T06:00:00", "peak")]
    [InlineData("2026-11-24T09:59:59", "peak")]
    [InlineData("2026-11-24T10:00:00", "off-peak")]
    [InlineData("2026-08-21T01:00:00", "peak")] // Friday of the first week
    [InlineData("2026-08-22T09:59:59", "peak")] // Saturday: the last every-day window
    [InlineData("2026-08-23T01:00:00", "off-peak")] // Sunday: weekdays only from here
    [InlineData("2026-08-24T01:00:00", "peak")] // Monday
    [InlineData("2026-08-28T09:59:59", "peak")] // Friday
    [InlineData("2026-08-29T01:00:00", "off-peak")] // Saturday
    [InlineData("2026-09-24T09:59:59", "peak")] // Thursday before the holiday
    [InlineData("2026-09-25T01:00:00", "off-peak")] // Friday, holiday
    [InlineData("2026-09-28T01:00:00", "peak")] // Monday after
    [InlineData("2026-09-30T09:59:59", "peak")]
    [InlineData("2026-10-01T01:00:00", "off-peak")] // National Day
    [InlineData("2026-10-07T09:59:59", "off-peak")]
    [InlineData("2026-10-08T01:00:00", "peak")]
    [InlineData("2026-10-10T01:00:00", "off-peak")] // Saturday that is worked to make up: the rule names weekdays
    public void Window_WhenTimePasses_IsPeakOnlyInsideTheHoursOfAWorkingDay(string utc, string window) =>
        Assert.Equal(window, Book.Quote("deepseek-flash", At(utc))!.Window);

    [Fact]
    public void Window_WhenTheInstantIsGivenInAnotherOffset_IsTheSame()
    {
        var beijing = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.FromHours(8));

        Assert.Equal("peak", Book.Quote("deepseek-v4-pro", beijing)!.Window);
        Assert.Equal("off-peak", Book.Quote("deepseek-v4-pro", beijing.AddTicks(-1))!.Window);
    }

    [Theory]
    [InlineData("deepseek-v4-flash", "2026-11-24T06:00:00")]
    [InlineData("deepseek-v4-flash", "2026-05-01T06:00:00")]
    [InlineData("deepseek-v4-flash-vision-exp", "2026-08-21T00:00:00")]
    [InlineData("deepseek-chat", "2026-07-24T15:58:59")]
    [InlineData("deepseek-reasoner", "2026-04-24T00:00:00")]
    public void Quote_WhenTheNameIsRouted_IsThatOfTheRoutedModel(string name, string utc)
    {
        var quote = Book.Quote(name, At(utc));

        Assert.NotNull(quote);
        Assert.Equal(Book.Quote("deepseek-flash", At(utc)), quote);
    }

    [Theory]
    [InlineData("deepseek-chat", "2026-07-24T15:59:00")]
    [InlineData("deepseek-reasoner", "2026-11-24T00:00:00")]
    [InlineData("deepseek-v4-flash-vision-exp", "2026-08-20T23:59:59")]
    [InlineData("deepseek-v4-pro", "2026-04-23T23:59:59")]
    [InlineData("my-own-finetune", "2026-11-24T00:00:00")]
    public void Quote_WhenTheModelHasNoPriceThen_IsNull(string model, string utc) => Assert.Null(Book.Quote(model, At(utc)));

    private static DateTimeOffset At(string utc) => DateTimeOffset.Parse(utc + "Z", CultureInfo.InvariantCulture);
}
