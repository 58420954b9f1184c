/** Schema of an event log, in shipped steps. What each table is for, who writes it and how long it stays: docs/reference/storage.md. */
export const EVENT_LOG_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE tenant (
    tenant TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    jurisdiction TEXT,
    closed INTEGER NOT NULL DEFAULT 0
  );

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    dedupe BLOB,
    source_id TEXT,
    type TEXT NOT NULL,
    subject TEXT,
    source TEXT NOT NULL,
    event TEXT,
    recorded_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content_type TEXT,
    head TEXT NOT NULL,
    raw BLOB NOT NULL
  );
  CREATE UNIQUE INDEX events_by_dedupe ON events (dedupe) WHERE dedupe IS NOT NULL;

  CREATE TABLE progress (
    fanned_seq INTEGER NOT NULL,
    batch_to INTEGER,
    after_hook INTEGER,
    counted_seq INTEGER NOT NULL
  );
  INSERT INTO progress (fanned_seq, counted_seq) VALUES (0, 0);

  CREATE TABLE lagging (
    hook_id INTEGER PRIMARY KEY,
    next_seq INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at INTEGER NOT NULL
  );

  CREATE TABLE sources (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    tokens TEXT NOT NULL,
    secrets TEXT NOT NULL,
    paths TEXT NOT NULL,
    stats TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER
  );

  CREATE TABLE keys (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
  );

  CREATE TABLE hooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version INTEGER NOT NULL,
    config TEXT NOT NULL,
    secret TEXT NOT NULL,
    former_secrets TEXT NOT NULL DEFAULT '[]',
    relay_host TEXT NOT NULL,
    key_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
  );

  CREATE TABLE hook_versions (
    hook_id INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    until_seq INTEGER,
    events TEXT NOT NULL,
    sources TEXT,
    format TEXT NOT NULL,
    PRIMARY KEY (hook_id, after_seq)
  ) WITHOUT ROWID;

  CREATE TABLE idempotent_answers (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE outbox (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE hooks ADD COLUMN secret_keys TEXT NOT NULL DEFAULT '[]';
  UPDATE hooks SET config = json_set(config, '$.signing', 'hmac');
  UPDATE idempotent_answers
    SET answer = json_set(answer, '$.registration.config.signing', 'hmac', '$.registration.secretKeys', json('[]'))
    WHERE json_type(answer, '$.registration') = 'object';
  `,
  `
  UPDATE hooks SET config = json_set(config, '$.rateLimit', json('null'));
  UPDATE idempotent_answers SET answer = json_set(answer, '$.registration.config.rateLimit', json('null'))
    WHERE json_type(answer, '$.registration') = 'object';
  `,
  `
  ALTER TABLE sources ADD COLUMN site TEXT;
  UPDATE idempotent_answers SET answer = json_set(answer, '$.site', json('null'))
    WHERE json_type(answer, '$.tokens') = 'array';
  UPDATE hooks SET config = json_set(config, '$.dialect.type', 'webhook')
    WHERE json_extract(config, '$.dialect.kind') = 'superoffice';
  `,
  `
  CREATE TABLE expunging (
    seq INTEGER PRIMARY KEY,
    skeleton TEXT,
    after_hook INTEGER NOT NULL
  );

  ALTER TABLE progress ADD COLUMN last_recorded_at INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE wish_patterns (
    is_past INTEGER NOT NULL,
    pattern TEXT NOT NULL,
    source TEXT NOT NULL,
    hook_id INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    PRIMARY KEY (is_past, pattern, source, hook_id, after_seq)
  ) WITHOUT ROWID;

  CREATE TABLE ended_wishes (
    until_seq INTEGER NOT NULL,
    hook_id INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    PRIMARY KEY (until_seq, hook_id, after_seq)
  ) WITHOUT ROWID;

  CREATE INDEX hook_versions_ended ON hook_versions (until_seq) WHERE until_seq IS NOT NULL;

  CREATE TABLE wish_indexing (
    after_hook INTEGER NOT NULL,
    after_seq INTEGER NOT NULL
  );
  INSERT INTO wish_indexing (after_hook, after_seq)
    SELECT 0, 0 WHERE EXISTS (SELECT 1 FROM hook_versions);
  `,
  `
  CREATE INDEX hooks_living ON hooks (id) WHERE deleted_at IS NULL;
  CREATE INDEX keys_living ON keys (n) WHERE revoked_at IS NULL;
  `,
  `
  ALTER TABLE outbox ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outbox ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX outbox_due ON outbox (retry_at);
  `,
  `
  CREATE INDEX lagging_due ON lagging (retry_at);
  `,
  `
  ALTER TABLE hook_versions ADD COLUMN filters TEXT;
  CREATE UNIQUE INDEX hooks_by_uid ON hooks (json_extract(config, '$.uid'))
    WHERE deleted_at IS NULL AND json_extract(config, '$.uid') IS NOT NULL;
  `,
  `
  ALTER TABLE sources ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
  UPDATE idempotent_answers SET answer = json_set(answer, '$.options', json('{}'), '$.recipe', json('null'))
    WHERE json_type(answer, '$.tokens') = 'array';

  CREATE TABLE recipes (
    source_id TEXT PRIMARY KEY,
    recipe TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE offered (
    hook_id INTEGER PRIMARY KEY,
    backfilled INTEGER NOT NULL
  );
  CREATE INDEX offered_backfilled ON offered (hook_id) WHERE backfilled = 1;
  INSERT INTO offered (hook_id, backfilled) SELECT id, 1 FROM hooks;

  CREATE TABLE owed (
    hook_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    retry_at INTEGER NOT NULL,
    PRIMARY KEY (hook_id, seq)
  ) WITHOUT ROWID;
  CREATE INDEX owed_due ON owed (retry_at);
  CREATE INDEX owed_by_event ON owed (seq);

  CREATE TABLE retention (
    held_back INTEGER NOT NULL
  );
  INSERT INTO retention (held_back) VALUES (0);

  CREATE INDEX hooks_deleted ON hooks (id) WHERE deleted_at IS NOT NULL;
  CREATE INDEX hooks_by_key ON hooks (key_id) WHERE key_id IS NOT NULL;
  `,
  `
  ALTER TABLE sources ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE sources ADD COLUMN uid TEXT;
  CREATE UNIQUE INDEX sources_by_uid ON sources (uid) WHERE deleted_at IS NULL AND uid IS NOT NULL;
  `,
  `
  ALTER TABLE hook_versions ADD COLUMN names TEXT;
  UPDATE hook_versions
    SET names = (SELECT json_extract(config, '$.dialect.events') FROM hooks
      WHERE hooks.id = hook_id AND json_extract(config, '$.dialect.kind') = 'superoffice')
    WHERE until_seq IS NULL;
  `,
  `
  ALTER TABLE hooks ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    from_address TEXT,
    call TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT,
    after TEXT,
    hash TEXT NOT NULL
  );
  CREATE INDEX audit_by_actor ON audit (actor, seq);
  CREATE INDEX audit_by_target ON audit (target, seq);

  CREATE TABLE audit_chain (
    start_seq INTEGER NOT NULL,
    start_hash TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    last_hash TEXT NOT NULL
  );
  INSERT INTO audit_chain (start_seq, start_hash, last_seq, last_hash)
    VALUES (0, '0000000000000000000000000000000000000000000000000000000000000000',
      0, '0000000000000000000000000000000000000000000000000000000000000000');
  `,
  `
  CREATE TABLE expunge_jobs (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    filter TEXT NOT NULL,
    from_seq INTEGER NOT NULL,
    reached_seq INTEGER NOT NULL,
    until_seq INTEGER NOT NULL,
    matched INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  );
  `,
  `
  ALTER TABLE idempotent_answers ADD COLUMN made TEXT;
  UPDATE idempotent_answers SET made = 'hook ' || json_extract(answer, '$.registration.id')
    WHERE json_type(answer, '$.registration') = 'object';
  UPDATE idempotent_answers SET made = 'source ' || json_extract(answer, '$.id')
    WHERE json_type(answer, '$.tokens') = 'array';
  CREATE INDEX idempotent_answers_made ON idempotent_answers (made) WHERE made IS NOT NULL;

  CREATE TABLE sealed_under (
    key_id TEXT PRIMARY KEY
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE connected_keys (
    hook_id INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (hook_id, key_id)
  ) WITHOUT ROWID;
  CREATE INDEX connected_keys_by_key ON connected_keys (key_id);
  `,
  `
  CREATE TABLE expiries (
    source_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    is_told INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE summaries (
    hook_id INTEGER PRIMARY KEY,
    summary TEXT NOT NULL
  );
  ALTER TABLE progress ADD COLUMN unsaved TEXT NOT NULL DEFAULT '[]';
  UPDATE progress SET unsaved = '*' WHERE EXISTS (SELECT 1 FROM offered);
  `,
  `
  ALTER TABLE sources ADD COLUMN managed_by TEXT;
  `,
  `
  CREATE TABLE importing (
    last_key INTEGER NOT NULL
  );
  `,
  `
  CREATE TABLE reencryption (
    key_id TEXT NOT NULL,
    stage TEXT,
    after NOT NULL,
    unreadable INTEGER NOT NULL
  );
  `,
  `
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
  CREATE TABLE confirmations (
    source_id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE silences (
    source_id TEXT PRIMARY KEY,
    after_seconds INTEGER NOT NULL,
    since INTEGER NOT NULL,
    told_at INTEGER
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE time_steps (
    seq INTEGER PRIMARY KEY
  );
  `,
];
