/** `$select`: the members that are asked for; all others are answered as null, not left out. */
import type { Ctx } from './client.ts';

/** null: all. */
export function selectionOf(c: Ctx): ReadonlySet<string> | null {
  const query = Object.entries(c.req.query()).find(([name]) => name.toLowerCase() === '$select')?.[1] ?? '';
  const names = query.split(',').map((name) => name.trim().toLowerCase());
  const selected = new Set(names.filter((name) => name !== ''));
  return selected.size === 0 ? null : selected;
}

export function selected<T extends object>(
  members: T,
  selection: ReadonlySet<string> | null,
): { readonly [M in keyof T]: T[M] | null } {
  if (selection === null) return members;
  const kept = Object.entries(members).map(([name, value]) => [
    name,
    selection.has(name.toLowerCase()) ? (value as unknown) : null,
  ]);
  return Object.fromEntries(kept) as { readonly [M in keyof T]: T[M] | null };
}
