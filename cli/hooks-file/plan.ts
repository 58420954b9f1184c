/** What applying a file would change. Pure: given the file and what the relay has. */
import { isDeepStrictEqual } from 'node:util';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import type { Hook, Source } from '../../client/posthorn.ts';
import { usage } from '../exit.ts';
import { fingerprintOf, managedText, readManaged } from './managed.ts';
import { walk, type HooksFile, type Members } from './read.ts';

export type Kind = 'source' | 'hook';

export interface Change {
  readonly member: string;
  readonly from: unknown;
  readonly to: unknown;
}

export interface Step {
  readonly action: 'create' | 'update' | 'delete';
  readonly kind: Kind;
  readonly uid: string;
  /** null: it is to be made. */
  readonly id: string | number | null;
  readonly changes: readonly Change[];
  /** What is sent; sources of hooks still by uid. */
  readonly body: Members;
  /** Of a source that has one already: by a call of its own. */
  readonly newSecret: string | null;
}

export interface World {
  readonly sources: readonly Source[];
  readonly hooks: readonly Hook[];
}

export interface PlanOptions {
  /** By which registrations know it. */
  readonly fileName: string;
  /** Delete what this file made and no longer names. */
  readonly prune: boolean;
}

/** In the order in which they are taken: what others need comes first, and goes last. */
export function planOf(file: HooksFile, world: World, options: PlanOptions): Step[] {
  return [
    ...Object.keys(file.sources).flatMap((uid) => stepsFor('source', uid, file, world, options)),
    ...Object.keys(file.hooks).flatMap((uid) => stepsFor('hook', uid, file, world, options)),
    ...pruned(file, world, options),
  ];
}

/** What makes one registration what the file says; none: it is so. */
export function stepsFor(
  kind: Kind,
  uid: string,
  file: HooksFile,
  world: World,
  options: PlanOptions,
): Step[] {
  if (kind === 'source') {
    const present = world.sources.find((source) => source.uid === uid) ?? null;
    return sourceStep(uid, file.sources[uid] ?? {}, present, options);
  }
  const wanted = file.hooks[uid] ?? {};
  const known = { ...wanted, ...sourcesOf(uid, wanted, world, file) };
  return hookStep(uid, known, world.hooks.find((hook) => hook.uid === uid) ?? null, options);
}

/** Ids where they are known; a source that is to be made has none yet. */
function sourcesOf(uid: string, wanted: Members, world: World, file: HooksFile): Members {
  const named = wanted['sources'];
  if (!Array.isArray(named)) return {};
  const sources = (named as string[]).map((name) => {
    const id = world.sources.find((source) => source.uid === name)?.id;
    if (id !== undefined || name.startsWith('src_') || Object.hasOwn(file.sources, name)) return id ?? name;
    throw usage(
      `/hooks/${uid}/sources: there is no source with the uid ${name}, in the file or in the relay`,
    );
  });
  return { sources };
}

const SOURCE_DEFAULTS: Members = { paths: {}, options: {} };
/** Cannot be read back: what the file does not name stays as it is. */
const WRITE_ONLY: Readonly<Record<Kind, readonly string[]>> = {
  source: ['secret', 'site'],
  hook: ['secret', 'headers', 'auth', 'signatures'],
};

function sourceStep(uid: string, wanted: Members, present: Source | null, options: PlanOptions): Step[] {
  if (present !== null && present.provider !== wanted['provider']) {
    throw usage(
      `/sources/${uid}/provider: it is ${present.provider}, and cannot be changed; make another source`,
    );
  }
  const { provider: _provider, ...members } = { ...SOURCE_DEFAULTS, ...wanted };
  const of = present as unknown as Members | null;
  if (of === null) return [created('source', uid, wanted, options)];
  const changed = Object.entries(members).filter(
    ([name, value]) => !WRITE_ONLY.source.includes(name) && !isSame(name, value, of[name]),
  );
  const steps = updated('source', uid, wanted, of, Object.fromEntries(changed), options);
  // A secret is no member of a patch.
  return steps.map((step) => {
    const { secret = null, ...body } = step.body;
    return { ...step, body, newSecret: secret as string | null };
  });
}

function hookStep(uid: string, wanted: Members, present: Hook | null, options: PlanOptions): Step[] {
  const of = present as unknown as Members | null;
  if (of === null) return [created('hook', uid, wanted, options)];
  const changed = HOOK_MEMBERS.flatMap((name): [string, unknown][] => {
    const value = wanted[name];
    if (name === 'paused' && value === undefined) return [];
    return isSame(name, wantedValue(name, value), of[name]) ? [] : [[name, value ?? null]];
  });
  return updated('hook', uid, wanted, of, Object.fromEntries(changed), options);
}

/** All that can be read back. An operator's pause is no business of a file that does not speak of it. */
const HOOK_MEMBERS = [
  'name',
  'url',
  'events',
  'sources',
  'format',
  'paused',
  'ordering',
  'concurrency',
  'signing',
  'retry',
  'rateLimit',
  'keepAnswers',
  'backlogAfterSeconds',
  'filters',
  'template',
];

function wantedValue(name: string, value: unknown): unknown {
  const defaults = HOOK_DEFAULTS as unknown as Members;
  if (name === 'filters') return value ?? [];
  if (name === 'retry') return { ...HOOK_DEFAULTS.retry, ...(value as object | undefined) };
  return value ?? defaults[name];
}

function isSame(name: string, wanted: unknown, present: unknown): boolean {
  if (name === 'url' && typeof wanted === 'string' && URL.canParse(wanted))
    return new URL(wanted).href === present;
  // The relay shows a recipe with its defaults.
  if (name === 'recipe') return covers(present, wanted);
  return isDeepStrictEqual(plain(wanted), plain(present));
}

function plain(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}

function covers(present: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null)
    return isDeepStrictEqual(present ?? null, wanted ?? null);
  if (typeof present !== 'object' || present === null) return false;
  return Object.entries(wanted).every(([name, value]) => covers((present as Members)[name], value));
}

function created(kind: Kind, uid: string, wanted: Members, { fileName }: PlanOptions): Step {
  const fingerprint = fingerprintOf(`${kind}/${uid}`, secretsOf(kind, wanted));
  const managedBy = managedText({ by: 'made', file: fileName, fingerprint });
  const body = { ...wanted, uid, managedBy };
  const shown = Object.entries(wanted).filter(([name]) => !WRITE_ONLY[kind].includes(name));
  const changes = shown.map(([member, to]) => ({ member, from: null, to }));
  return {
    action: 'create',
    kind,
    uid,
    id: null,
    changes: [...changes, ...ofSecrets(null, fingerprint)],
    body,
    newSecret: null,
  };
}

function updated(
  kind: Kind,
  uid: string,
  wanted: Members,
  present: Members,
  changed: Members,
  { fileName }: PlanOptions,
): Step[] {
  const managed = readManaged(present['managedBy'] as string | null);
  const before = managed?.fingerprint ?? null;
  const fingerprint = fingerprintOf(`${kind}/${uid}`, secretsOf(kind, wanted));
  const isOtherSecret = fingerprint !== null && fingerprint !== before;
  const isMoved = 'url' in changed || 'site' in changed;
  // Another host gets none of them but those that are sent along.
  const secrets = isOtherSecret || (isMoved && fingerprint !== null) ? writeOnly(kind, wanted, present) : {};
  const emptied = WRITE_ONLY[kind].filter((name) => isEmptied(wanted[name], present[name]));
  const sent = Object.entries(changed).map(([name, value]) => [name, patchOf(name, value, present[name])]);
  const body: Members = {
    ...(Object.fromEntries(sent) as Members),
    ...Object.fromEntries(emptied.map((name) => [name, null])),
    ...secrets,
    ...(isOtherSecret
      ? {
          managedBy: managedText({ by: managed?.by ?? 'uses', file: managed?.file ?? fileName, fingerprint }),
        }
      : {}),
  };
  if (Object.keys(body).length === 0) return [];
  const shown = [...Object.keys(changed), ...emptied];
  const changes = shown.map((member) => ({
    member,
    from: present[member] ?? null,
    to: body[member] ?? null,
  }));
  const id = present['id'] as string | number;
  const all = [...changes, ...(isOtherSecret ? ofSecrets(before, fingerprint) : [])];
  return [{ action: 'update', kind, uid, id, changes: all, body, newSecret: null }];
}

/** Members that a patch merges: what is to go has to be named. */
const MERGED = ['paths', 'options', 'retry'];

function patchOf(name: string, wanted: unknown, present: unknown): unknown {
  if (!MERGED.includes(name) || wanted === null) return wanted;
  const gone = Object.keys((present ?? {}) as Members).map((member) => [member, null] as const);
  return { ...Object.fromEntries(gone), ...(wanted as Members) };
}

/** Said to be nothing, where there is something. */
function isEmptied(wanted: unknown, present: unknown): boolean {
  const isNothing = wanted === null || (typeof wanted === 'object' && Object.keys(wanted).length === 0);
  return isNothing && typeof present === 'object' && present !== null && Object.keys(present).length > 0;
}

/** All of them, as it cannot be known which of them changed. */
function writeOnly(kind: Kind, wanted: Members, present: Members): Members {
  const named = WRITE_ONLY[kind].filter((name) => wanted[name] !== undefined && wanted[name] !== null);
  const members = named.map((name) => {
    if (name !== 'headers') return [name, wanted[name]] as const;
    const gone = Object.keys((present['headers'] ?? {}) as Members).map((header) => [header, null] as const);
    return [name, { ...Object.fromEntries(gone), ...lowerCase(wanted[name] as Members) }] as const;
  });
  return Object.fromEntries(members);
}

function lowerCase(headers: Members): Members {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Every text in what cannot be read back, by its place. */
function secretsOf(kind: Kind, wanted: Members): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of WRITE_ONLY[kind])
    walk(wanted[name], [name], (text, path) => (found[path.join('/')] = text));
  return found;
}

function ofSecrets(from: string | null, to: string | null): Change[] {
  if (to === null) return [];
  const shown = (fingerprint: string | null) => (fingerprint === null ? null : `fingerprint ${fingerprint}`);
  return [{ member: 'secrets', from: shown(from), to: shown(to) }];
}

/** What this file made, and names no longer. */
export function pruned(file: HooksFile, world: World, { fileName, prune }: PlanOptions): Step[] {
  if (!prune) return [];
  const isOwn = ({ managedBy }: { managedBy: string | null }) => {
    const managed = readManaged(managedBy);
    return managed?.by === 'made' && managed.file === fileName;
  };
  const gone = (kind: Kind, all: readonly (Source | Hook)[], named: Members): Step[] =>
    all.flatMap((one) =>
      one.uid !== null && isOwn(one) && !Object.hasOwn(named, one.uid)
        ? [{ action: 'delete', kind, uid: one.uid, id: one.id, changes: [], body: {}, newSecret: null }]
        : [],
    );
  return [...gone('hook', world.hooks, file.hooks), ...gone('source', world.sources, file.sources)];
}
