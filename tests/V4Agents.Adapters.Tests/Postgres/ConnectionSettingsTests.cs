using Npgsql;
using V4Agents.Postgres;
using Xunit;

namespace V4Agents.Adapters.Tests.Postgres;

public sealed class ConnectionSettingsTests
{
    [Fact]
    public void Complete_WhenNothingIsSaid_NoticesADeadPeerInSecondsAndBoundsThePool()
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionSettings.Complete("Host=db;Username=v4;Password=secret", "part", most: 7));

        Assert.Equal(("db", "v4", "secret", "part", 7), (settings.Host, settings.Username, settings.Password, settings.ApplicationName, settings.MaxPoolSize));
        Assert.Equal((5, 10, 5, true), (settings.Timeout, settings.CommandTimeout, settings.KeepAlive, settings.TcpKeepAlive));
        Assert.True(settings.MaxAutoPrepare > 0);
    }

    [Theory]
    [InlineData("Max Auto Prepare=0;Maximum Pool Size=3;Keepalive=60;Command Timeout=99")]
    [InlineData("MaxAutoPrepare=0;MaxPoolSize=3;KeepAlive=60;CommandTimeout=99")]
    public void Complete_WhatTheUserSaid_Stays(string said)
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionSettings.Complete($"Host=db;{said}", "part", most: 7));

        Assert.Equal((0, 3, 60, 99), (settings.MaxAutoPrepare, settings.MaxPoolSize, settings.KeepAlive, settings.CommandTimeout));
    }

    [Theory]
    [InlineData("Host=/run/postgresql")]
    [InlineData("Host=@socket/x")]
    public void Complete_OnAUnixSocket_AsksForNoTcpKeepalive(string said) =>
        Assert.False(new NpgsqlConnectionStringBuilder(ConnectionSettings.Complete(said, "part", most: 7)).TcpKeepAlive);
}
