using System.Security.Cryptography;
using System.Text;
using V4Agents.Core.Blobs;
using V4Agents.Postgres.Blobs;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class BlobStoreTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestDatabase _database = null!; // Set before each test.

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Put_WhenBytesCompress_StoresFewerAndReturnsThemWhole()
    {
        var content = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 10_000)));

        var id = await _database.Blobs.PutAsync(content, Cancelled);

        Assert.Equal(BlobId.Of(content), id);
        Assert.Equal(content, (await _database.Blobs.GetAsync(id, Cancelled)).ToArray());
        Assert.InRange(await _database.ScalarAsync<int>("SELECT octet_length(bytes) FROM blobs", Cancelled), 1, content.Length / 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task Put_WhenBytesDoNotCompress_StoresThemRaw(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);

        var id = await _database.Blobs.PutAsync(content, Cancelled);

        Assert.Equal(content, (await _database.Blobs.GetAsync(id, Cancelled)).ToArray());
        Assert.Equal("raw", await _database.ScalarAsync<string>("SELECT encoding FROM blobs", Cancelled));
        Assert.Equal(length, await _database.ScalarAsync<int>("SELECT octet_length(bytes) FROM blobs", Cancelled));
    }

    [Fact]
    public async Task Put_WhenTheSameBytesComeManyTimesAtOnce_StoresThemOnce()
    {
        var content = "the same"u8.ToArray();

        var ids = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => _database.Blobs.PutAsync(content, Cancelled)));

        Assert.Equal([BlobId.Of(content)], ids.Distinct());
        Assert.Equal(1L, await _database.ScalarAsync<long>("SELECT count(*) FROM blobs", Cancelled));
    }

    [Fact]
    public async Task Get_WhenNothingIsStored_SaysNotFound()
    {
        var id = BlobId.Of("absent"u8);

        var failure = await Assert.ThrowsAsync<BlobNotFoundException>(() => _database.Blobs.GetAsync(id, Cancelled));

        Assert.Equal(id, failure.Id);
    }

    [Theory]
    [InlineData("bytes = 'other words', size = 11, encoding = 'raw'")]
    [InlineData("bytes = 'not brotli', encoding = 'brotli'")]
    [InlineData("size = size - 1")]
    public async Task Get_WhenStoredBytesAreNotThoseOfTheAddress_SaysDamaged(string damage)
    {
        var id = await _database.Blobs.PutTextAsync(new string('a', 1000), Cancelled);
        await _database.ExecuteAsync($"UPDATE blobs SET {damage}", Cancelled);

        var failure = await Assert.ThrowsAsync<BlobDamagedException>(() => _database.Blobs.GetAsync(id, Cancelled));

        Assert.Equal(id, failure.Id);
    }
}
