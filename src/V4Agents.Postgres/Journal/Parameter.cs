using Npgsql;
using NpgsqlTypes;

namespace V4Agents.Postgres.Journal;

/// <summary>Typed parameters: null keeps its type, text is storable, instants are UTC.</summary>
internal static class Parameter
{
    public static NpgsqlParameter Of(string? value) => Typed(NpgsqlDbType.Text, value is null ? null : StorableText.Plain(value));

    public static NpgsqlParameter Of(int value) => Typed(NpgsqlDbType.Integer, value);

    public static NpgsqlParameter Of(long value) => Typed(NpgsqlDbType.Bigint, value);

    public static NpgsqlParameter Of(bool value) => Typed(NpgsqlDbType.Boolean, value);

    public static NpgsqlParameter Of(decimal? value) => Typed(NpgsqlDbType.Numeric, value);

    public static NpgsqlParameter Of(DateTimeOffset value) => Typed(NpgsqlDbType.TimestampTz, value.ToUniversalTime());

    private static NpgsqlParameter Typed(NpgsqlDbType type, object? value) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };
}
