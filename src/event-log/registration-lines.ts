/**
 * Registrations as NDJSON, with their secrets: keys, sources, hooks, each in the order of their making. A page is read when it
 * is asked for, so that one lies in memory at a time however many there are.
 */
import type { Site } from '../providers/superoffice/site.ts';
import { EVERY_HOOK } from './hook-scope.ts';
import type { HookRegistration } from '../core/hook-registration.ts';
import type { Key } from './keys.ts';
import type { OpenLog } from './open-log.ts';
import type { SourceView } from './source.ts';

export type RegistrationLine =
  | { readonly kind: 'key'; readonly key: Key }
  /** `site`: with its credentials. */
  | { readonly kind: 'source'; readonly source: SourceView; readonly site: Site | null }
  | { readonly kind: 'hook'; readonly hook: HookRegistration };

const PAGE = 50;

export function registrationLines({ keys, sources, hooks }: OpenLog): ReadableStream<Uint8Array> {
  const pages = pagesOf(
    (after) => {
      const page = keys.list('asc', after, PAGE);
      return { lines: page.map((key) => ({ kind: 'key', key })), next: page.at(-1)?.n ?? null };
    },
    (after) => {
      const page = sources.list('asc', after, PAGE);
      return {
        lines: page.map((source) => ({
          kind: 'source',
          source: sources.view(source),
          site: sources.site(source.id),
        })),
        next: page.at(-1)?.n ?? null,
      };
    },
    (after) => {
      const page = hooks.lists.page(EVERY_HOOK, 'asc', after, PAGE);
      return { lines: page.hooks.map((hook) => ({ kind: 'hook', hook })), next: page.next };
    },
  );
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      let page = pages.next();
      while (page.value?.length === 0) page = pages.next();
      for (const line of page.value ?? []) controller.enqueue(utf8(`${JSON.stringify(line)}\n`));
      if (page.done !== true) return;
      controller.close();
      // Who reads into a buffer of their own waits for an answer through it.
      controller.byobRequest?.respond(0);
    },
  });
}

interface LinePage {
  readonly lines: readonly RegistrationLine[];
  readonly next: number | null;
}

/** The lines of each page of one list after the other. */
function* pagesOf(
  ...lists: readonly ((after: number | null) => LinePage)[]
): Generator<LinePage['lines'], undefined> {
  for (const read of lists) {
    let page = read(null);
    yield page.lines;
    while (page.next !== null) {
      page = read(page.next);
      yield page.lines;
    }
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
