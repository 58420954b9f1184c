/** What browsers are told, so that an answer of the relay does nothing in them but show itself. */
import { hash } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';

/** Every answer is of the type that it says: JSON that looks like a page stays JSON. */
export function withoutSniffing(): MiddlewareHandler<AppEnv> {
  return async function unsniffed(c, next) {
    await next();
    c.res.headers.set('x-content-type-options', 'nosniff');
  };
}

/** Headers of a page of HTML: it runs nothing, loads nothing and cannot be framed. Its own style sheets count, by their hash. */
export function pageHeaders(html: string): Record<string, string> {
  const sheets = Array.from(html.matchAll(/<style>(.*?)<\/style>/gs), ([, sheet = '']) => sheet);
  const hashes = sheets.map((sheet) => `'sha256-${hash('sha256', sheet, 'base64')}'`);
  const policy = [
    "default-src 'none'",
    `style-src ${hashes.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'no-referrer',
  };
}
