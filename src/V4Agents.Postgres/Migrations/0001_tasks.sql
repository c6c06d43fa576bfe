-- The truth about tasks: append-only, one writer at a time, which the primary key enforces.
CREATE TABLE task_events (
    task_id text        NOT NULL,
    seq     bigint      NOT NULL CHECK (seq > 0),
    kind    text        NOT NULL,
    version integer     NOT NULL,
    payload jsonb       NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (task_id, seq)
);

CREATE TABLE blobs (
    sha256   text    PRIMARY KEY CHECK (length(sha256) = 64),
    size     bigint  NOT NULL,
    encoding text    NOT NULL CHECK (encoding IN ('raw', 'brotli')),
    bytes    bytea   NOT NULL
);

-- The bytes arrive compressed: a second pass by the server would cost time and save nothing.
ALTER TABLE blobs ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- What lists and status answers show; written in the transaction that appends the events.
CREATE TABLE tasks (
    id               text        PRIMARY KEY,
    seq              bigint      NOT NULL,
    tenant           text        NOT NULL,
    title            text        NOT NULL,
    repository       text        NOT NULL,
    ref              text,
    commit           text,
    workflow         text        NOT NULL,
    activity         text        NOT NULL,
    outcome          text,
    failure          text,
    message          text,
    steps            integer     NOT NULL,
    prompt_tokens    bigint      NOT NULL,
    cache_hit_tokens bigint      NOT NULL,
    output_tokens    bigint      NOT NULL,
    cost_usd         numeric     NOT NULL,
    unconfirmed_usd  numeric     NOT NULL,
    patch_files      integer     NOT NULL,
    patch_additions  integer     NOT NULL,
    patch_deletions  integer     NOT NULL,
    checks_passed    integer     NOT NULL,
    checks           integer     NOT NULL,
    cancel_requested boolean     NOT NULL,
    finished         boolean     NOT NULL,
    submitted_at     timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL
);

CREATE INDEX tasks_newest_of_tenant ON tasks (tenant, submitted_at DESC, id DESC);
CREATE INDEX tasks_unfinished ON tasks (submitted_at) WHERE NOT finished;

-- Money: one row per model call that ended, by its answer or by an interruption. cost_usd is null when no price is known.
CREATE TABLE ledger (
    task_id         text        NOT NULL,
    seq             bigint      NOT NULL,
    step            integer     NOT NULL,
    attempt         integer     NOT NULL,
    role            text        NOT NULL,
    model           text,
    cache_hit       bigint      NOT NULL,
    cache_miss      bigint      NOT NULL,
    reasoning       bigint      NOT NULL,
    output          bigint      NOT NULL,
    cost_usd        numeric,
    tariff_window   text,
    price_book      text,
    unconfirmed_usd numeric     NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (task_id, seq),
    FOREIGN KEY (task_id, seq) REFERENCES task_events
);

CREATE INDEX ledger_by_time ON ledger (at);

-- Written before the container exists, so that no container is ever unknown.
CREATE TABLE sandboxes (
    id            text        PRIMARY KEY,
    task_id       text        NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    released_at   timestamptz
);

CREATE INDEX sandboxes_held ON sandboxes (registered_at) WHERE released_at IS NULL;

-- Who this database is, for labels on containers. The key admits a single row.
CREATE TABLE instance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       text    NOT NULL
);

INSERT INTO instance (id) VALUES (replace(gen_random_uuid()::text, '-', ''));
