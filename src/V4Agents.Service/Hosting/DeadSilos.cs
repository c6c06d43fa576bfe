using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace V4Agents.Service.Hosting;

/// <summary>
/// Declares silos dead that are known to be, before a new one starts: it would otherwise try to reach them until they have been silent for long.
/// Only two kinds are known: predecessors of this very data directory, whose lock is now ours, and silos on this machine's loopback where nobody
/// listens any more. A silo that hangs still listens, and one elsewhere is left to its peers.
/// </summary>
internal static class DeadSilos
{
    public static async Task DeclareAsync(string connectionString, string cluster, SiloIdentity mine, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        var dead = new List<Row>();
        foreach (var row in await ReadAsync(source, cluster, cancellationToken))
        {
            if (row.Name == mine.Name || (row.Host == Environment.MachineName && await IsRefusedAsync(row, cancellationToken)))
            {
                dead.Add(row);
            }
        }

        if (dead.Count > 0)
        {
            await DeclareAsync(source, cluster, dead, cancellationToken);
        }
    }

    private static async Task<List<Row>> ReadAsync(NpgsqlDataSource source, string cluster, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            "SELECT name, host, address, port, generation FROM orleans_silos WHERE cluster_id = $1 AND status <> $2");
        command.Parameters.Add(new() { Value = cluster });
        command.Parameters.Add(new() { Value = (int)SiloStatus.Dead });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new Row(reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetInt32(4)));
        }

        return rows;
    }

    /// <summary>With a new version of the cluster, as any change of membership: silos that decide on the old one have to look again.</summary>
    private static async Task DeclareAsync(NpgsqlDataSource source, string cluster, List<Row> dead, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection, transaction);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE orleans_clusters SET version = version + 1, changed_at = now() WHERE cluster_id = $1")
        {
            Parameters = { new() { Value = cluster } },
        });
        foreach (var row in dead)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(
                "UPDATE orleans_silos SET status = $1 WHERE (cluster_id, address, port, generation) = ($2, $3, $4, $5)")
            {
                Parameters =
                {
                    new() { Value = (int)SiloStatus.Dead }, new() { Value = cluster }, new() { Value = row.Address }, new() { Value = row.Port },
                    new() { Value = row.Generation },
                },
            });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Whether the machine itself says that nobody listens there. No answer, or one that takes long, says nothing.</summary>
    private static async Task<bool> IsRefusedAsync(Row row, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(row.Address, out var address) || !IPAddress.IsLoopback(address))
        {
            return false;
        }

        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, row.Port), limit.Token);
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed record Row(string Name, string Host, string Address, int Port, int Generation);
}
