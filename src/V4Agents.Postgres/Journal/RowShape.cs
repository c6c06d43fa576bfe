using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace V4Agents.Postgres.Journal;

/// <summary>
/// The columns of a table and where their values come from. Rows travel as one JSON document that <c>json_to_recordset</c> takes apart: a single
/// parameter for any number of rows, where an array for each column costs the server a set of its own.
/// </summary>
internal sealed class RowShape<T>(params (string Name, string Type, Func<T, object?> Value)[] columns)
{
    /// <summary>Six digits: a seventh would be rounded by the server.</summary>
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.ffffffZ";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly (JsonEncodedText Name, Func<T, object?> Value)[] _values = [.. columns.Select(column => (JsonEncodedText.Encode(column.Name), column.Value))];

    public IReadOnlyList<string> Names { get; } = [.. columns.Select(column => column.Name)];

    /// <summary>For an <c>INSERT</c> or a <c>SELECT</c>.</summary>
    public string List { get; } = string.Join(", ", columns.Select(column => column.Name));

    /// <summary>For <c>json_to_recordset(…) AS row (…)</c>.</summary>
    public string Definition { get; } = string.Join(", ", columns.Select(column => $"{column.Name} {column.Type}"));

    public string Encode(T row)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Relaxed))
        {
            json.WriteStartObject();
            foreach (var (name, value) in _values)
            {
                json.WritePropertyName(name);
                Write(json, value(row));
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(StorableText.Plain(text));
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
                json.WriteStringValue(instant.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"No column is written from a {value.GetType().Name}.", nameof(value));
        }
    }
}
