/**
 * `/console`: the page that the console is, and its files, which are static assets of the Worker. Any path below it that
 * is no file is the page too: the console itself knows what it shows there. The files hold nothing of any tenant.
 */
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';

/** Its own files and its own relay, and nothing else; no script or style within the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** What a build makes. The local runtime serves files from a folder and knows no types. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const PAGE = '/index.html';
/** Named by a hash of their contents. */
const FILE = /^\/assets\/[\w-]+(?:\.[\w-]+)*\.(?:css|js|svg)$/;

export function consoleRoutes(app: Hono<AppEnv>): void {
  // No routes: whoever asks for another method, or is no browser, finds no such path, as ever.
  app.use('/', rootOfBrowsers());
  app.use('/console', consoleFiles());
  app.use('/console/*', consoleFiles());
}

/** Who looks at the relay with a browser wants to see it. */
function rootOfBrowsers(): MiddlewareHandler<AppEnv> {
  return function redirected(c, next) {
    const isBrowser = isReading(c) && (c.req.header('accept') ?? '').includes('text/html');
    return isBrowser ? Promise.resolve(c.redirect('/console', 302)) : next();
  };
}

function consoleFiles(): MiddlewareHandler<AppEnv> {
  return async function served(c, next) {
    const { ASSETS } = c.env;
    if (ASSETS === undefined || !isReading(c)) return next();
    const path = new URL(c.req.url).pathname.slice('/console'.length);
    const isFile = path.startsWith('/assets/');
    if (isFile && !FILE.test(path)) return next();
    const name = isFile ? path : PAGE;
    const found = await ASSETS.fetch(new Request(`https://console${name}`));
    if (!found.ok) {
      await found.body?.cancel();
      return next();
    }
    const headers = {
      'content-type': CONTENT_TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      'cache-control': isFile ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
    };
    if (c.req.method === 'HEAD') await found.body?.cancel();
    return new Response(c.req.method === 'HEAD' ? null : found.body, { headers });
  };
}

function isReading(c: Context<AppEnv>): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD';
}
