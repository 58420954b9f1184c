/** Named, typed statements over the `sources` and `recipes` tables. Whatever holds secrets is sealed here, and opened. */
import type { Paths } from '../providers/provider.ts';
import type { Options } from '../providers/recipe/compile.ts';
import type { Recipe } from '../providers/recipe/recipe.ts';
import { siteView, type Site } from '../providers/superoffice/site.ts';
import { padded } from '../storage/blank.ts';
import type { Vault } from '../storage/vault.ts';
import type { Resealed } from './reencryption.ts';
import type { RestoredSource } from './restored.ts';
import {
  blanked,
  opened,
  openedSite,
  resealed,
  sealed,
  sealedSite,
  type SourceSecretsRow,
} from './source-secrets.ts';
import { NO_STATS, type SourceStats } from './source-stats.ts';
import type { Source } from './source.ts';

type Row = Record<string, SqlStorageValue> & {
  n: number;
  id: string;
  version: number;
  uid: string | null;
  managed_by: string | null;
  provider: string;
  name: string;
  tokens: string;
  secrets: string;
  paths: string;
  options: string;
  site: string | null;
  stats: string;
  created_at: number;
};

/** The counters fill their column up to a length that seldom changes: a longer row would leave its secrets behind. */
const STATS_BYTES = 512;

export class SourceRows {
  readonly #sql: SqlStorage;
  readonly #vault: Vault;

  constructor(sql: SqlStorage, vault: Vault) {
    this.#sql = sql;
    this.#vault = vault;
  }

  /** Those that are not deleted, in order of creation. */
  *living(): Generator<Source> {
    for (const row of this.#sql.exec<Row>('SELECT * FROM sources WHERE deleted_at IS NULL ORDER BY n'))
      yield this.#sourceOf(row);
  }

  insert(source: RestoredSource): Source {
    const box = this.#box(source.id);
    const row = this.#sql
      .exec<Row>(
        `INSERT INTO sources (id, provider, name, uid, managed_by, tokens, secrets, paths, options, site, stats, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`,
        source.id,
        source.provider,
        source.name,
        source.uid,
        source.managedBy ?? null,
        sealed(box, '/tokens', source.tokens),
        sealed(box, '/secrets', source.secrets),
        JSON.stringify(source.paths),
        JSON.stringify(source.options),
        sealedSite(box, source.site),
        statsText(source.stats),
        source.createdAtMs,
      )
      .one();
    if (source.recipe !== null) this.saveRecipe(source.id, source.recipe);
    return this.#sourceOf(row);
  }

  /** Its configuration, but no secret. `site` undefined: it stays as it is. */
  update(source: Source, site: Site | null | undefined, isChanged: boolean): Source {
    const { id } = source;
    const before = this.#blank(id);
    const row = this.#sql
      .exec<Row>(
        `UPDATE sources SET name = ?, uid = ?, managed_by = ?, paths = ?, options = ?, tokens = ?, secrets = ?, site = ?,
           version = version + ?
         WHERE id = ? RETURNING *`,
        source.name,
        source.uid,
        source.managedBy,
        JSON.stringify(source.paths),
        JSON.stringify(source.options),
        before.tokens,
        before.secrets,
        site === undefined ? before.site : sealedSite(this.#box(id), site),
        isChanged ? 1 : 0,
        id,
      )
      .one();
    return this.#sourceOf(row);
  }

  saveSecrets({ id, tokens, secrets }: Pick<Source, 'id' | 'tokens' | 'secrets'>): void {
    const { site } = this.#blank(id);
    const box = this.#box(id);
    this.#sql.exec(
      'UPDATE sources SET tokens = ?, secrets = ?, site = ?, version = version + 1 WHERE id = ?',
      sealed(box, '/tokens', tokens),
      sealed(box, '/secrets', secrets),
      site,
      id,
    );
  }

  /** Its secrets go with it, and the texts of its tokens. */
  delete(id: string, nowMs: number): void {
    this.#blank(id);
    this.#sql.exec('UPDATE sources SET deleted_at = ?, site = NULL WHERE id = ?', nowMs, id);
    this.#sql.exec('DELETE FROM recipes WHERE source_id = ?', id);
  }

  forget(id: string): void {
    this.#sql.exec('DELETE FROM sources WHERE id = ?', id);
  }

  /** Was there ever a source of that id? */
  existed(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM sources WHERE id = ?', id).toArray().length > 0;
  }

  /** Up to `limit` sources that were deleted before `ms`, in order of creation, after `n`. */
  deletedBefore(ms: number, after: number, limit: number): { n: number; id: string }[] {
    return this.#sql
      .exec<{ n: number; id: string }>(
        'SELECT n, id FROM sources WHERE deleted_at < ? AND n > ? ORDER BY n LIMIT ?',
        ms,
        after,
        limit,
      )
      .toArray();
  }

  /** With its credentials. */
  site(id: string): Site | null {
    return openedSite(this.#box(id), this.#secrets(id).site);
  }

  /** Null: it has none of its own. */
  recipe(id: string): Recipe | null {
    const [row] = this.#sql
      .exec<{ recipe: string }>('SELECT recipe FROM recipes WHERE source_id = ?', id)
      .toArray();
    return row === undefined ? null : (JSON.parse(row.recipe) as Recipe);
  }

  saveRecipe(id: string, recipe: Recipe): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO recipes (source_id, recipe) VALUES (?, ?)',
      id,
      JSON.stringify(recipe),
    );
  }

  stats(id: string): SourceStats {
    return statsOf(this.#sql.exec<Pick<Row, 'stats'>>('SELECT stats FROM sources WHERE id = ?', id).one());
  }

  saveStats(id: string, stats: SourceStats): void {
    this.#sql.exec('UPDATE sources SET stats = ? WHERE id = ?', statsText(stats), id);
  }

  /** Brings rows above a place under the first key, up to `limit` of them. What a deleted one still holds is overwritten. */
  reseal(after: number | string, limit: number): Resealed[] {
    const rows = this.#sql
      .exec<Row & { deleted_at: number | null }>(
        'SELECT * FROM sources WHERE n > ? ORDER BY n LIMIT ?',
        after,
        limit,
      )
      .toArray();
    return rows.map((row) => {
      const { n, id } = row;
      if (row.deleted_at !== null) {
        this.#blank(id);
        return { place: n, isChanged: false, isLegible: true };
      }
      const { kept, ...found } = resealed(this.#box(id), this.#vault.ring, row);
      if (found.isChanged) {
        this.#blank(id);
        this.#saveSecretsRow(id, kept);
      }
      return { place: n, ...found };
    });
  }

  /** How many rows there are above a place; null: how many in all. */
  countAfter(after: number | string | null): number {
    return this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM sources WHERE n > ?', after ?? 0)
      .one().count;
  }

  /** Overwrites the secrets of a row in place, before one of another length is written somewhere else. Returns them as they lay there. */
  #blank(id: string): SourceSecretsRow {
    const row = this.#secrets(id);
    this.#saveSecretsRow(id, blanked(row));
    return row;
  }

  #secrets(id: string): SourceSecretsRow {
    return this.#sql
      .exec<SourceSecretsRow>('SELECT tokens, secrets, site FROM sources WHERE id = ?', id)
      .one();
  }

  #saveSecretsRow(id: string, { tokens, secrets, site }: SourceSecretsRow): void {
    const statement = 'UPDATE sources SET tokens = ?, secrets = ?, site = ? WHERE id = ?';
    this.#sql.exec(statement, tokens, secrets, site, id);
  }

  #box(id: string) {
    return this.#vault.box(`source ${id}`);
  }

  #sourceOf(row: Row): Source {
    return {
      n: row.n,
      id: row.id,
      provider: row.provider,
      version: row.version,
      name: row.name,
      uid: row.uid,
      managedBy: row.managed_by,
      paths: JSON.parse(row.paths) as Paths,
      options: JSON.parse(row.options) as Options,
      site: row.site === null ? null : siteView(JSON.parse(row.site) as Site),
      stats: statsOf(row),
      createdAtMs: row.created_at,
      ...opened(this.#box(row.id), row),
    };
  }
}

function statsOf({ stats }: Pick<Row, 'stats'>): SourceStats {
  return { ...NO_STATS, ...(JSON.parse(stats) as Partial<SourceStats>) };
}

function statsText(stats: SourceStats): string {
  return padded(JSON.stringify(stats), STATS_BYTES);
}
