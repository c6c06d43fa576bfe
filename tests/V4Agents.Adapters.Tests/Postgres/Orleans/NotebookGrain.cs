using Orleans.Runtime;

namespace V4Agents.Adapters.Tests.Postgres.Orleans;

public sealed class NotebookGrain(
    [PersistentState("notebook", SiloHouse.Storage)] IPersistentState<Notebook> state,
    [PersistentState("notebook", SiloHouse.Storage)] IPersistentState<Notebook> stale,
    [PersistentState("notebook", SiloHouse.DeletingStorage)] IPersistentState<Notebook> deleting) : Grain, INotebookGrain, IRemindable
{
    public async Task<string?> ReadAsync()
    {
        await state.ReadStateAsync();
        return state.State.Text;
    }

    public Task WriteAsync(string text)
    {
        state.State.Text = text;
        return state.WriteStateAsync();
    }

    public Task ClearAsync() => state.ClearStateAsync();

    public Task WriteStaleAsync(string text)
    {
        stale.State.Text = text;
        return stale.WriteStateAsync();
    }

    public async Task DeleteAsync()
    {
        await deleting.ReadStateAsync();
        await deleting.ClearStateAsync();
    }

    public Task RemindAsync(string name) => this.RegisterOrUpdateReminder(name, TimeSpan.FromHours(1), TimeSpan.FromDays(40));

    public async Task<IReadOnlyList<string>> RemindersAsync() => [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order()];

    public async Task ForgetAsync(string name) =>
        await this.UnregisterReminder(await this.GetReminder(name) ?? throw new InvalidOperationException($"There is no reminder '{name}'."));

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}
