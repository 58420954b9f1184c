/** Schema of a hook object, in shipped steps. What each table is for and how long it stays: docs/reference/storage.md. */
export const HOOK_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE assignment (
    tenant TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    jurisdiction TEXT,
    registration TEXT NOT NULL
  );

  CREATE TABLE health (
    disabled_reason TEXT,
    consecutive_failures INTEGER NOT NULL,
    failing_since INTEGER,
    only_failed_seq INTEGER,
    hold_until INTEGER,
    last_success_at INTEGER,
    last_failure_at INTEGER,
    last_probe_at INTEGER,
    last_error TEXT,
    dead INTEGER NOT NULL,
    cancelled INTEGER NOT NULL
  );
  INSERT INTO health (consecutive_failures, dead, cancelled) VALUES (0, 0, 0);

  CREATE TABLE notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    facts TEXT NOT NULL
  );

  CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    sequence INTEGER,
    position INTEGER NOT NULL,
    lane TEXT,
    state TEXT NOT NULL,
    retry_at INTEGER,
    failed_at INTEGER,
    manual INTEGER NOT NULL DEFAULT 0,
    replay TEXT,
    reopened_from TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    steps INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    type TEXT NOT NULL,
    subject TEXT,
    source TEXT NOT NULL,
    event TEXT,
    bytes INTEGER NOT NULL,
    attempt_log TEXT NOT NULL DEFAULT '[]',
    kind TEXT,
    content_type TEXT,
    head TEXT,
    raw BLOB
  );
  CREATE INDEX deliveries_ready ON deliveries (position) WHERE state = 'ready';
  CREATE INDEX deliveries_retrying ON deliveries (retry_at, position) WHERE state = 'retrying';
  CREATE INDEX deliveries_held_back ON deliveries (lane, position)
    WHERE lane IS NOT NULL AND state IN ('waiting', 'retrying');
  CREATE INDEX deliveries_manual ON deliveries (position) WHERE manual = 1;
  CREATE INDEX deliveries_failed ON deliveries (state, seq) WHERE state IN ('dead', 'cancelled', 'skipped');
  `,
  `
  UPDATE assignment
    SET registration = json_set(registration, '$.config.signing', 'hmac', '$.secretKeys', json('[]'));
  `,
  `
  UPDATE assignment SET registration = json_set(registration, '$.config.rateLimit', json('null'));
  `,
  `
  CREATE TABLE bounds (
    sequence_floor INTEGER NOT NULL,
    purged_before INTEGER NOT NULL,
    purge_from INTEGER NOT NULL
  );
  INSERT INTO bounds (sequence_floor, purged_before, purge_from) VALUES (0, 0, 0);

  CREATE TABLE expunged (
    seq INTEGER PRIMARY KEY
  );
  `,
  `
  UPDATE assignment SET registration = json_set(registration, '$.config.dialect.type', 'webhook')
    WHERE json_extract(registration, '$.config.dialect.kind') = 'superoffice';
  `,
  `
  ALTER TABLE health ADD COLUMN last_answer TEXT;
  ALTER TABLE health ADD COLUMN errors INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE health ADD COLUMN extra_successes INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE replay (
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    types TEXT,
    from_at INTEGER NOT NULL,
    to_at INTEGER,
    from_seq INTEGER NOT NULL,
    before_seq INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
  );
  CREATE INDEX deliveries_replayed ON deliveries (position) WHERE state = 'ready' AND replay IS NOT NULL;
  `,
  `
  ALTER TABLE health ADD COLUMN outage_since INTEGER;
  ALTER TABLE health ADD COLUMN held_since INTEGER;
  ALTER TABLE deliveries ADD COLUMN reopened_at INTEGER;
  `,
  `
  ALTER TABLE deliveries ADD COLUMN health TEXT;
  `,
  `
  CREATE TABLE access_token (
    id INTEGER PRIMARY KEY,
    client TEXT NOT NULL,
    token TEXT NOT NULL,
    usable_until INTEGER NOT NULL,
    generation INTEGER NOT NULL
  );
  `,
  `
  ALTER TABLE health ADD COLUMN receiver_failures INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE health ADD COLUMN announced INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE health ADD COLUMN tried_kinds TEXT NOT NULL DEFAULT '[]';
  UPDATE health SET receiver_failures = consecutive_failures,
    announced = consecutive_failures >= 5 OR disabled_reason IS NOT NULL OR outage_since IS NOT NULL;
  `,
  `
  CREATE INDEX deliveries_of_replay ON deliveries (replay)
    WHERE replay IS NOT NULL AND state IN ('ready', 'waiting', 'retrying');
  `,
  `
  CREATE TABLE watched (
    id INTEGER PRIMARY KEY
  );
  `,
  `
  ALTER TABLE bounds ADD COLUMN rewriting_times INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE health ADD COLUMN revived INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE hours (
    about TEXT NOT NULL,
    n INTEGER NOT NULL,
    hour INTEGER,
    counts TEXT,
    open_hour INTEGER NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (about, n)
  ) WITHOUT ROWID;
  `,
  `
  UPDATE bounds SET rewriting_times =
      (SELECT ifnull(max(failed_at), 0) FROM deliveries WHERE state = 'retrying')
    WHERE rewriting_times = 1;
  `,
  `
  ALTER TABLE health ADD COLUMN reported TEXT;
  `,
  `
  CREATE TABLE occasions (
    name TEXT PRIMARY KEY
  ) WITHOUT ROWID;
  `,
];
