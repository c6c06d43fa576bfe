using System.Data;
using Npgsql;
using V4Agents.Core.Blobs;
using V4Agents.Postgres.Journal;

namespace V4Agents.Postgres.Blobs;

/// <summary>Blobs in a table. What is stored already costs one look; what is read is checked against its address.</summary>
internal sealed class BlobStore(NpgsqlDataSource database) : IBlobStore
{
    public Task<BlobId> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => Faults.GuardAsync(async () =>
    {
        var id = BlobId.Of(content.Span);
        await using var look = database.CreateCommand("SELECT EXISTS (SELECT FROM blobs WHERE sha256 = $1)");
        look.Parameters.Add(Parameter.Of(id.Value));
        if (await look.ExecuteScalarAsync(cancellationToken) is true)
        {
            return id;
        }

        var (encoding, bytes) = BlobEncoding.Encode(content);
        await using var insert = database.CreateCommand(
            "INSERT INTO blobs (sha256, size, encoding, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        insert.Parameters.Add(Parameter.Of(id.Value));
        insert.Parameters.Add(Parameter.Of((long)content.Length));
        insert.Parameters.Add(Parameter.Of(encoding));
        insert.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = bytes });
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return id;
    });

    public Task<ReadOnlyMemory<byte>> GetAsync(BlobId id, CancellationToken cancellationToken) => Faults.GuardAsync<ReadOnlyMemory<byte>>(async () =>
    {
        await using var command = database.CreateCommand("SELECT size, encoding, bytes FROM blobs WHERE sha256 = $1");
        command.Parameters.Add(Parameter.Of(id.Value));
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            throw new BlobNotFoundException(id);
        }

        try
        {
            var content = BlobEncoding.Decode(reader.GetString(1), reader.GetFieldValue<byte[]>(2), reader.GetInt64(0));
            return BlobId.Of(content) == id ? content : throw new BlobDamagedException(id);
        }
        catch (InvalidDataException e)
        {
            throw new BlobDamagedException(id, e);
        }
    });
}
