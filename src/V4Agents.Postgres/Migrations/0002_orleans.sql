-- Orleans' ADO.NET providers read their statements from this table, and these two names are theirs. Every other name is ours; the statements
-- keep the parameter names the providers bind and the column names they read.
CREATE TABLE orleansquery (
    querykey  text PRIMARY KEY,
    querytext text NOT NULL
);

-- Clustering. The version of a cluster is its lock: a change of membership names the version it was decided on and makes the next.
CREATE TABLE orleans_clusters (
    cluster_id text        PRIMARY KEY,
    version    integer     NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orleans_silos (
    cluster_id    text        NOT NULL REFERENCES orleans_clusters ON DELETE CASCADE,
    address       text        NOT NULL,
    port          integer     NOT NULL,
    generation    integer     NOT NULL,
    name          text        NOT NULL,
    host          text        NOT NULL,
    status        integer     NOT NULL,
    gateway_port  integer     NOT NULL,
    suspicions    text,
    started_at    timestamptz NOT NULL,
    alive_at      timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO orleansquery (querykey, querytext) VALUES
('InsertMembershipVersionKey', $q$
    WITH founded AS (
        INSERT INTO orleans_clusters (cluster_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING cluster_id)
    SELECT EXISTS (SELECT FROM founded)
$q$),
('InsertMembershipKey', $q$
    WITH next AS (
        UPDATE orleans_clusters AS c SET version = c.version + 1, changed_at = now()
        WHERE c.cluster_id = @DeploymentId AND c.version = @Version AND NOT EXISTS (
            SELECT FROM orleans_silos AS s
            WHERE (s.cluster_id, s.address, s.port, s.generation) = (c.cluster_id, @Address, @Port, @Generation))
        RETURNING c.cluster_id),
    joined AS (
        INSERT INTO orleans_silos (cluster_id, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
        SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM next
        RETURNING cluster_id)
    SELECT EXISTS (SELECT FROM joined)
$q$),
('UpdateMembershipKey', $q$
    WITH next AS (
        UPDATE orleans_clusters AS c SET version = c.version + 1, changed_at = now()
        WHERE c.cluster_id = @DeploymentId AND c.version = @Version AND EXISTS (
            SELECT FROM orleans_silos AS s
            WHERE (s.cluster_id, s.address, s.port, s.generation) = (c.cluster_id, @Address, @Port, @Generation))
        RETURNING c.cluster_id),
    changed AS (
        UPDATE orleans_silos AS s SET status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
        FROM next
        WHERE (s.cluster_id, s.address, s.port, s.generation) = (next.cluster_id, @Address, @Port, @Generation)
        RETURNING s.cluster_id)
    SELECT EXISTS (SELECT FROM changed)
$q$),
('UpdateIAmAlivetimeKey', $q$
    UPDATE orleans_silos SET alive_at = @IAmAliveTime
    WHERE (cluster_id, address, port, generation) = (@DeploymentId, @Address, @Port, @Generation)
$q$),
('MembershipReadAllKey', $q$
    SELECT c.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName,
        s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime
    FROM orleans_clusters AS c LEFT JOIN orleans_silos AS s USING (cluster_id)
    WHERE c.cluster_id = @DeploymentId
$q$),
('MembershipReadRowKey', $q$
    SELECT c.version AS Version, s.address AS Address, s.port AS Port, s.generation AS Generation, s.name AS SiloName, s.host AS HostName,
        s.status AS Status, s.gateway_port AS ProxyPort, s.suspicions AS SuspectTimes, s.started_at AS StartTime, s.alive_at AS IAmAliveTime
    FROM orleans_clusters AS c LEFT JOIN orleans_silos AS s
        ON (s.cluster_id, s.address, s.port, s.generation) = (c.cluster_id, @Address, @Port, @Generation)
    WHERE c.cluster_id = @DeploymentId
$q$),
('GatewaysQueryKey', $q$
    SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
    FROM orleans_silos
    WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$q$),
('DeleteMembershipTableEntriesKey', $q$
    DELETE FROM orleans_clusters WHERE cluster_id = @DeploymentId
$q$),
-- Status 3 is an active silo, which is never defunct however late its sign of life.
('CleanupDefunctSiloEntriesKey', $q$
    DELETE FROM orleans_silos WHERE cluster_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3
$q$);

-- Grain storage. The providers also send hashes of the key; the primary key makes them unnecessary. A grain that has no key extension sends
-- null, stored as '' because a primary key has no nulls. Cleared state keeps its row: the version must go on rising.
CREATE TABLE orleans_grain_state (
    service_id    text        NOT NULL,
    grain_type    text        NOT NULL,
    key_high      bigint      NOT NULL,
    key_low       bigint      NOT NULL,
    key_extension text        NOT NULL,
    payload       bytea,
    version       integer     NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, grain_type, key_high, key_low, key_extension)
);

-- No row in the answer tells the provider that the version was another: it raises an inconsistent-state exception.
INSERT INTO orleansquery (querykey, querytext) VALUES
('ReadFromStorageKey', $q$
    SELECT payload AS PayloadBinary, version AS Version
    FROM orleans_grain_state
    WHERE (service_id, grain_type, key_high, key_low, key_extension)
        = (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''))
$q$),
('WriteToStorageKey', $q$
    WITH changed AS (
        UPDATE orleans_grain_state SET payload = @PayloadBinary, version = version + 1, changed_at = now()
        WHERE (service_id, grain_type, key_high, key_low, key_extension)
            = (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''))
            AND version = @GrainStateVersion
        RETURNING version),
    created AS (
        INSERT INTO orleans_grain_state (service_id, grain_type, key_high, key_low, key_extension, payload, version)
        SELECT @ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @PayloadBinary, 1
        WHERE @GrainStateVersion IS NULL
        ON CONFLICT DO NOTHING
        RETURNING version)
    SELECT version AS NewGrainStateVersion FROM changed UNION ALL SELECT version FROM created
$q$),
('ClearStorageKey', $q$
    UPDATE orleans_grain_state SET payload = NULL, version = version + 1, changed_at = now()
    WHERE (service_id, grain_type, key_high, key_low, key_extension)
        = (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''))
        AND version = @GrainStateVersion
    RETURNING version AS NewGrainStateVersion
$q$),
('DeleteStorageKey', $q$
    DELETE FROM orleans_grain_state
    WHERE (service_id, grain_type, key_high, key_low, key_extension)
        = (@ServiceId, @GrainTypeString, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''))
        AND version = @GrainStateVersion
    RETURNING version + 1 AS NewGrainStateVersion
$q$);

-- Reminders. Hashes are compared as the signed integers the provider sends.
CREATE TABLE orleans_reminders (
    service_id text        NOT NULL,
    grain_id   text        NOT NULL,
    name       text        NOT NULL,
    grain_hash integer     NOT NULL,
    starts_at  timestamptz NOT NULL,
    period_ms  bigint      NOT NULL,
    version    integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (service_id, grain_id, name)
);

CREATE INDEX orleans_reminders_of_range ON orleans_reminders (service_id, grain_hash);

INSERT INTO orleansquery (querykey, querytext) VALUES
('UpsertReminderRowKey', $q$
    INSERT INTO orleans_reminders AS r (service_id, grain_id, name, grain_hash, starts_at, period_ms)
    VALUES (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
    ON CONFLICT (service_id, grain_id, name) DO UPDATE
        SET grain_hash = excluded.grain_hash, starts_at = excluded.starts_at, period_ms = excluded.period_ms, version = r.version + 1
    RETURNING version AS Version
$q$),
('ReadReminderRowKey', $q$
    SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders
    WHERE (service_id, grain_id, name) = (@ServiceId, @GrainId, @ReminderName)
$q$),
('ReadReminderRowsKey', $q$
    SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders
    WHERE (service_id, grain_id) = (@ServiceId, @GrainId)
$q$),
('ReadRangeRows1Key', $q$
    SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders
    WHERE service_id = @ServiceId AND grain_hash > @BeginHash AND grain_hash <= @EndHash
$q$),
-- The range wraps around the end of the ring.
('ReadRangeRows2Key', $q$
    SELECT grain_id AS GrainId, name AS ReminderName, starts_at AS StartTime, period_ms AS Period, version AS Version
    FROM orleans_reminders
    WHERE service_id = @ServiceId AND (grain_hash > @BeginHash OR grain_hash <= @EndHash)
$q$),
('DeleteReminderRowKey', $q$
    WITH gone AS (
        DELETE FROM orleans_reminders
        WHERE (service_id, grain_id, name, version) = (@ServiceId, @GrainId, @ReminderName, @Version)
        RETURNING name)
    SELECT EXISTS (SELECT FROM gone)
$q$),
('DeleteReminderRowsKey', $q$
    DELETE FROM orleans_reminders WHERE service_id = @ServiceId
$q$);
