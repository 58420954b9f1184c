/**
 * An answer that is the same for everybody for as long as the code is. Made when it is first asked for, then only sent:
 * anybody may ask, without a key, as often as they like.
 */
import { hash } from 'node:crypto';
import type { Context, Handler } from 'hono';
import type { AppEnv } from './context.ts';

export interface Page {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Made {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>> & { readonly etag: string };
}

/** Answers with what `make` returns, or with 304 whoever has it already. */
export function lastingAnswer(make: () => Page | Promise<Page>): Handler<AppEnv> {
  // No promise: one that a cut request leaves behind would keep all others waiting.
  let made: Made | undefined;
  return async function answered(c) {
    const { body, headers } = (made ??= madeFrom(await make()));
    return isKnown(c, headers.etag)
      ? new Response(null, { status: 304, headers })
      : new Response(body, { headers });
  };
}

function madeFrom({ text, headers }: Page): Made {
  const etag = `"${hash('sha256', text, 'base64url')}"`;
  return { body: new TextEncoder().encode(text), headers: { ...headers, etag, 'cache-control': 'no-cache' } };
}

/** By the weak comparison, which is the one for If-None-Match. */
function isKnown(c: Context<AppEnv>, etag: string): boolean {
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}
