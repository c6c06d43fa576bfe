-- Which engine holds a sandbox, until when somebody there looks after it, and what a container nobody owned held when it was removed.
ALTER TABLE sandboxes
    ADD COLUMN engine      text        NOT NULL DEFAULT '',
    ADD COLUMN lease_until timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN orphan_tree text,
    ADD COLUMN orphan_blob text REFERENCES blobs;

-- The saved states of a task's work tree; written in the transaction that appends the event.
CREATE TABLE workspace_checkpoints (
    task_id      text        NOT NULL,
    seq          bigint      NOT NULL,
    tree         text        NOT NULL,
    commit       text        NOT NULL,
    bundle       text        NOT NULL REFERENCES blobs,
    bundle_bytes bigint      NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (task_id, seq),
    FOREIGN KEY (task_id, seq) REFERENCES task_events
);

-- Every append rewrites its task's row: with room in the page the new version needs no index entries.
ALTER TABLE tasks SET (fillfactor = 50);
