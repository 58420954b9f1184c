/** Schema of the object that knows the tenants, in shipped steps. What each table is for: docs/reference/storage.md. */
export const TENANTS_MIGRATIONS: readonly string[] = [
  `CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    incarnation TEXT NOT NULL,
    jurisdiction TEXT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('opening', 'open', 'erasing'))
  ) WITHOUT ROWID`,
  `CREATE TABLE sweep (
    next_at INTEGER NOT NULL,
    after_id TEXT NOT NULL
  );
  INSERT INTO sweep (next_at, after_id) VALUES (0, '')`,
  `
  ALTER TABLE tenants ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE tenants ADD COLUMN next_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX tenants_unfinished ON tenants (next_at) WHERE state != 'open';

  CREATE TABLE leftovers (
    tenant TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    jurisdiction TEXT,
    hook_id INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (incarnation, hook_id)
  ) WITHOUT ROWID;
  CREATE INDEX leftovers_due ON leftovers (next_at);
  `,
  `
  CREATE TABLE reencryption (
    after_id TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    unreadable INTEGER NOT NULL
  );
  INSERT INTO reencryption (after_id, remaining, unreadable) VALUES ('', 0, 0);
  `,
];
