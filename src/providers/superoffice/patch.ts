/**
 * Changes to a Webhook entity as PATCH sends them: a merge patch (RFC 7396) or a list of operations (RFC 6902), told
 * apart by being an object or an array. Names count in any case of letters, as everywhere in this API.
 * Source: SuperOffice docs, REST API, PATCH of an entity.
 */
import { applyPatch } from 'rfc6902';
import { apply as merged } from 'tiny-merge-patch';

/** SuperOffice takes these; `move` and `copy` it does not. */
const OPERATIONS = ['add', 'remove', 'replace', 'test'] as const;
const MAX_OPERATIONS = 1000;

type Members = Readonly<Record<string, unknown>>;

export interface PatchOperation {
  readonly op: (typeof OPERATIONS)[number];
  /** Reference tokens, decoded. */
  readonly path: readonly string[];
  readonly value: unknown;
}

export type Patch =
  | { readonly kind: 'merge'; readonly members: Members }
  | { readonly kind: 'operations'; readonly operations: readonly PatchOperation[] };

export type PatchReading =
  { readonly ok: true; readonly patch: Patch } | { readonly ok: false; readonly message: string };

export type Patched =
  | { readonly kind: 'patched'; readonly entity: unknown }
  /** A `test` operation found something else. */
  | { readonly kind: 'differs'; readonly message: string }
  | { readonly kind: 'impossible'; readonly message: string };

export function readPatch(body: unknown): PatchReading {
  if (Array.isArray(body)) return readOperations(body);
  if (typeof body === 'object' && body !== null)
    return { ok: true, patch: { kind: 'merge', members: body as Members } };
  return refused('Patch: expected an array of operations or an object of members');
}

/** `entity` as it is answered; it stays as it is. */
export function patched(entity: Members, patch: Patch): Patched {
  if (patch.kind === 'merge') {
    return { kind: 'patched', entity: merged(entity, inSpellingOf(entity, patch.members)) };
  }
  const document = structuredClone(entity);
  for (const [index, operation] of patch.operations.entries()) {
    const pointer = pointerInto(document, operation.path);
    if (pointer === null) return impossible(index, operation);
    const [error] = applyPatch(document, [{ ...operation, path: pointer }]);
    if (error?.name === 'TestError') {
      return {
        kind: 'differs',
        message: `Patch operation ${index}: ${shown(operation.path)} is not as tested`,
      };
    }
    if (error !== null && error !== undefined) return impossible(index, operation);
  }
  return { kind: 'patched', entity: document };
}

function readOperations(list: readonly unknown[]): PatchReading {
  if (list.length > MAX_OPERATIONS) return refused(`Patch: expected at most ${MAX_OPERATIONS} operations`);
  const operations: PatchOperation[] = [];
  for (const [index, one] of list.entries()) {
    const sent = new Map(
      Object.entries(one ?? {}).map(([name, value]) => [name.toLowerCase(), value as unknown]),
    );
    const op = OPERATIONS.find((known) => known === sent.get('op'));
    const path = sent.get('path');
    if (op === undefined) return refused(`Patch operation ${index}: expected op ${OPERATIONS.join(', ')}`);
    if (typeof path !== 'string' || path === '' || path === '/' || /~(?![01])/.test(path)) {
      return refused(`Patch operation ${index}: expected a path to a member`);
    }
    if (op !== 'remove' && !sent.has('value')) return refused(`Patch operation ${index}: expected a value`);
    operations.push({ op, path: tokensOf(path), value: sent.get('value') });
  }
  return { ok: true, patch: { kind: 'operations', operations } };
}

/** The slash in front may be left out. */
function tokensOf(path: string): string[] {
  return path
    .replace(/^\//, '')
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON Pointer to that place, with members spelled as they are there. null: no array has such a place. */
function pointerInto(document: unknown, path: readonly string[]): string | null {
  let pointer = '';
  let value = document;
  for (const token of path) {
    let name = token;
    if (Array.isArray(value)) {
      if (!/^(?:-|0|[1-9]\d{0,9})$/.test(token)) return null;
      value = (value as unknown[])[Number(token)];
    } else {
      const members = typeof value === 'object' && value !== null ? (value as Members) : {};
      name = nameIn(members, token);
      value = Object.hasOwn(members, name) ? members[name] : undefined;
    }
    pointer += `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
  return pointer;
}

/** A merge patch with its members spelled as the target's, wherever it has them. */
function inSpellingOf(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const members = typeof target === 'object' && target !== null ? (target as Members) : {};
  const spelled = Object.entries(patch).map(([sent, value]) => {
    const name = nameIn(members, sent);
    return [name, inSpellingOf(Object.hasOwn(members, name) ? members[name] : undefined, value)];
  });
  return Object.fromEntries(spelled) as Members;
}

function nameIn(members: Members, sent: string): string {
  if (Object.hasOwn(members, sent)) return sent;
  const lower = sent.toLowerCase();
  return Object.keys(members).find((name) => name.toLowerCase() === lower) ?? sent;
}

function shown(path: readonly string[]): string {
  return path.join('/').slice(0, 100);
}

function impossible(index: number, { op, path }: PatchOperation): Patched {
  return {
    kind: 'impossible',
    message: `Patch operation ${index}: there is nothing to ${op} at ${shown(path)}`,
  };
}

function refused(message: string): PatchReading {
  return { ok: false, message };
}
