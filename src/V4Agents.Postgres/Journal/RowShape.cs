using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// The columns of a table and where their values come from. A single row travels as parameters; many travel as one JSON document that
/// <c>json_to_recordset</c> takes apart, where an array for each column would cost the server a set of its own.
/// </summary>
internal sealed class RowShape<T>(params (string Name, NpgsqlDbType Type, Func<T, object?> Value)[] columns)
{
    /// <summary>Six digits: a seventh would be rounded by the server.</summary>
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonEncodedText[] _names = [.. columns.Select(column => JsonEncodedText.Encode(column.Name))];

    public IReadOnlyList<string> Names { get; } = [.. columns.Select(column => column.Name)];

    /// <summary>For an <c>INSERT</c> or a <c>SELECT</c>.</summary>
    public string List { get; } = string.Join(", ", columns.Select(column => column.Name));

    /// <summary>For <c>json_to_recordset(…) AS row (…)</c>.</summary>
    public string Definition { get; } = string.Join(", ", columns.Select(column => $"{column.Name} {TypeName(column.Type)}"));

    /// <summary>The parameters of one row, for a <c>SELECT</c>.</summary>
    public string Placeholders(int first) => string.Join(", ", columns.Select((column, index) => $"${first + index}::{TypeName(column.Type)}"));

    public void AddTo(NpgsqlParameterCollection parameters, T row)
    {
        foreach (var (_, type, value) in columns)
        {
            parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = Storable(value(row)) ?? DBNull.Value });
        }
    }

    public string Encode(T row)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            for (var i = 0; i < columns.Length; i++)
            {
                json.WritePropertyName(_names[i]);
                Write(json, Storable(columns[i].Value(row)));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string TypeName(NpgsqlDbType type) => type.ToString().ToLowerInvariant();

    private static object? Storable(object? value) => value switch
    {
        string text => StorableText.Plain(text),
        DateTimeOffset instant => instant.ToUniversalTime(),
        _ => value,
    };

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case DateTimeOffset instant:
                json.WriteStringValue(instant.ToString(InstantFormat, CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"No column is written from a {value.GetType().Name}.", nameof(value));
        }
    }
}
