/** Sources and hooks as a file: what differs from the defaults, without anything secret. */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import type { Hook, Source } from '../../client/posthorn.ts';
import type { Members } from './read.ts';

export interface Pulled {
  readonly yaml: string;
  /** What is not in it, and why. */
  readonly leftOut: readonly string[];
}

/** Shown before they are left to the relay: by `posthorn listen`, each its user's own. */
const LISTENER = /^listen\./;

export function yamlOf(sources: readonly Source[], hooks: readonly Hook[], schemaUrl: string): Pulled {
  const leftOut: string[] = [];
  const parts = [`# yaml-language-server: $schema=${schemaUrl}\n`];
  const named = sources.filter((source) => {
    if (source.uid === null) leftOut.push(`source ${source.id} has no uid`);
    return source.uid !== null;
  });
  parts.push(
    section(
      'sources',
      named.map((source) => entry(source.uid ?? '', sourceMembers(source), sourceNotes(source))),
    ),
  );
  const uids = new Map(sources.map(({ id, uid }) => [id, uid ?? id]));
  const written = hooks.filter((hook) => {
    const reason = reasonToLeaveOut(hook);
    if (reason !== null) leftOut.push(`hook ${hook.id} ${reason}`);
    return reason === null;
  });
  parts.push(
    section(
      'hooks',
      written.map((hook) => entry(hook.uid ?? '', hookMembers(hook, uids), hookNotes(hook))),
    ),
  );
  return { yaml: parts.join(''), leftOut };
}

function reasonToLeaveOut({ uid, superoffice }: Hook): string | null {
  if (superoffice !== null) return 'is managed by its SuperOffice client';
  if (uid === null) return 'has no uid';
  return LISTENER.test(uid) ? 'is a listener of its user' : null;
}

function section(name: string, entries: readonly string[]): string {
  return entries.length === 0 ? `${name}: {}\n` : `${name}:\n${entries.join('')}`;
}

function entry(uid: string, members: Members, notes: readonly string[]): string {
  const lines = stringify({ [uid]: members }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return [...lines.map((line) => `  ${line}`), ...notes.map((note) => `    # ${note}`), ''].join('\n');
}

function sourceMembers(source: Source): Members {
  const { provider, name, paths, options, recipe, silentAfterSeconds } = source;
  return {
    provider,
    name,
    ...unlessEmpty({ paths, options }),
    ...(recipe === null ? {} : { recipe }),
    ...(silentAfterSeconds === null ? {} : { silentAfterSeconds }),
  };
}

function unlessEmpty(members: Readonly<Record<string, object>>): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => Object.keys(value).length > 0));
}

function sourceNotes({ uid, site }: Source): string[] {
  const notes = [`secret: \${${variableOf(uid, 'SECRET')}}`];
  if (site !== null)
    notes.push(`site: {url: ${site.url}, authorization: "\${${variableOf(uid, 'AUTHORIZATION')}}"}`);
  return notes;
}

function hookMembers(hook: Hook, uids: ReadonlyMap<string, string>): Members {
  const { url, name, events, sources, format, paused, ordering, concurrency, signing } = hook;
  const { retry, rateLimit, keepAnswers, backlogAfterSeconds, filters, template } = hook;
  const defaults: Members = { ...HOOK_DEFAULTS, filters: [] };
  const members: Members = {
    name,
    events,
    format,
    ordering,
    concurrency,
    signing,
    rateLimit,
    keepAnswers,
    backlogAfterSeconds,
    filters,
    template,
  };
  const changed = Object.entries(members).filter(
    ([member, value]) => !isDeepStrictEqual(value, defaults[member]),
  );
  const steps = Object.entries(retry).filter(
    ([member, value]) => !isDeepStrictEqual(value, (HOOK_DEFAULTS.retry as unknown as Members)[member]),
  );
  return {
    url,
    ...Object.fromEntries(changed),
    ...(sources === null ? {} : { sources: sources.map((id) => uids.get(id) ?? id) }),
    ...(steps.length === 0 ? {} : { retry: Object.fromEntries(steps) }),
    ...(paused ? { paused } : {}),
  };
}

/** What is there and cannot be read: left as it is by a file that does not name it. */
function hookNotes({ uid, headers, auth, signatures }: Hook): string[] {
  const notes = [`secret: \${${variableOf(uid, 'SECRET')}}`];
  const names = Object.keys(headers);
  if (names.length > 0) {
    const members = names.map((name) => `${name}: "\${${variableOf(uid, name)}}"`);
    notes.push(`headers: {${members.join(', ')}}`);
  }
  if (auth !== null) notes.push(`auth: {type: ${auth.type}, …}`);
  if (signatures.length > 0)
    notes.push(`signatures: of ${signatures.map(({ header }) => header).join(', ')}`);
  return notes;
}

function variableOf(uid: string | null, what: string): string {
  return `${uid ?? ''}_${what}`
    .toUpperCase()
    .replaceAll(/\W+/g, '_')
    .replace(/^(?=\d)/, '_');
}
