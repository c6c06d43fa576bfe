using System.Globalization;
using V4Agents.Client;
using V4Agents.Client.Contract;
using V4Agents.EndToEnd.Tests.World;
using V4Agents.Simulator.Requests;
using Xunit;

namespace V4Agents.EndToEnd.Tests.Silos;

/// <summary>How long a task stands still. Run with <c>-explicit only -showLiveOutput</c>; the figures are printed, and hold for the machine they ran on.</summary>
public sealed class FailoverMeasurements(ITestOutputHelper output)
{
    private const int Rounds = 12;
    private const int HangRounds = 4;

    private static readonly string HeldForever = Scripts.Of($"fault: {{hold: true, times: 1000}}\n{Scripts.Fix()}", Scripts.Submit());

    [Fact(Explicit = true)]
    public async Task OnlyService_Killed_FromProcessStartToTheNextEvent()
    {
        using var repository = await GitFolder.CreateAsync(Scripts.Repository);
        await using var house = await House.CreateAsync(HeldForever);
        await house.ServeAsync();
        var task = await SubmitAsync(house, repository);
        var spans = new List<TimeSpan>();
        for (var round = 1; round <= Rounds; round++)
        {
            await HeldAsync(house.Simulator, round);
            var last = await LastAsync(house, task);
            await house.KillAsync();
            var started = DateTimeOffset.UtcNow;
            await house.ServeAsync();
            spans.Add(await NextAsync(house, task, last) - started);
        }

        Print("only service killed: process start to next event", spans);
        await house.Client.CancelAsync(task, null, default);
        await house.FinishedAsync(task);
    }

    [Theory(Explicit = true)]
    [InlineData("KILL", Rounds)]
    [InlineData("STOP", HangRounds)]
    [InlineData("TERM", Rounds)]
    public async Task OneOfTwo_Signalled_UntilTheOtherRecordsTheNextEvent(string signal, int rounds)
    {
        await using var houses = await TwoHouses.CreateAsync(HeldForever);
        var (busy, idle) = (houses.First, houses.Second);
        await busy.ServeAsync();
        var task = await SubmitAsync(busy, houses.Repository);
        var spans = new List<TimeSpan>();
        for (var round = 1; round <= rounds; round++)
        {
            await HeldAsync(houses.Simulator, round);
            await idle.ServeAsync();
            var last = await LastAsync(idle, task);
            var began = DateTimeOffset.UtcNow;
            await busy.SignalAsync(signal);
            spans.Add(await NextAsync(idle, task, last) - began);
            if (signal == "STOP")
            {
                await busy.SignalAsync("CONT");
            }

            await busy.EndedAsync();
            (busy, idle) = (idle, busy);
        }

        Print($"one of two {signal}: signal to next event on the other", spans);
        await busy.Client.CancelAsync(task, null, default);
        await busy.FinishedAsync(task);
    }

    private static async Task<string> SubmitAsync(House house, GitFolder repository)
    {
        var request = new SubmitBody(repository.Path, "The value must be two.", [Scripts.Check], Budget: new BudgetBody(1000, 1000, 600));
        return (await house.Client.SubmitAsync(request, null, default)).Task.Id;
    }

    /// <summary>The call of this round is on its way: each adopter makes it anew.</summary>
    private static Task HeldAsync(Simulator.SimulatorHost simulator, int round) =>
        simulator.WaitForAsync(
            request => request.State == RequestState.Held && simulator.Requests.Count(it => it.Role == "solver") >= round, default).WaitAsync(Programs.Limit);

    private static async Task<long> LastAsync(House house, string task) => (await house.Client.GetAsync(task, default)).Seq;

    private static async Task<DateTimeOffset> NextAsync(House house, string task, long after)
    {
        using var limit = new CancellationTokenSource(Programs.Limit);
        await foreach (var update in house.Client.EventsAsync(task, after, limit.Token))
        {
            if (update is TaskUpdate.Recorded { Event: var e })
            {
                return e.At;
            }
        }

        throw new InvalidOperationException($"Task {task} has no event after {after}.");
    }

    private void Print(string what, List<TimeSpan> spans)
    {
        var sorted = spans.Select(span => span.TotalSeconds).Order().ToList();
        double At(double share) => sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: n {sorted.Count}, p50 {At(0.5):0.00} s, p95 {At(0.95):0.00} s, all {string.Join(' ', sorted.Select(it => it.ToString("0.00", CultureInfo.InvariantCulture)))}"));
    }
}
