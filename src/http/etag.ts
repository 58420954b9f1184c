/**
 * ETags of registrations: each is the version of its configuration, so that deliveries and counters do not change it.
 * `If-Match` is checked by the object that makes the change, in the same turn.
 */
import type { Context } from 'hono';
import type { AppEnv } from './context.ts';
import { Refusal, invalid } from './problem.ts';

const MAX_TAGS = 20;
const TAG = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;

/** Puts it into the answer. */
export function setEtag(c: Context<AppEnv>, version: number): void {
  c.header('etag', `"${version}"`);
}

/**
 * The versions that a change is for; null: whichever there is. A tag that is no version of ours, or a weak one, is the tag
 * of nothing here.
 */
export function expectedVersions(c: Context<AppEnv>): readonly number[] | null {
  const header = c.req.header('if-match')?.trim();
  if (header === undefined || header === '*') return null;
  const tags = header.split(',').map((tag) => TAG.exec(tag.trim()));
  if (tags.length > MAX_TAGS || tags.includes(null)) {
    const expected = `*, or up to ${MAX_TAGS} ETags in quotes`;
    throw invalid({ path: 'header/if-match', expected, got: JSON.stringify(header.slice(0, 80)) });
  }
  return tags.flatMap((tag) =>
    tag?.[1] === undefined && /^\d{1,15}$/.test(tag?.[2] ?? '') ? [Number(tag?.[2])] : [],
  );
}

/** The answer where it has changed. */
export function outdated(what: string): Refusal {
  return new Refusal('precondition-failed', `This ${what} has changed since; read it again.`);
}
