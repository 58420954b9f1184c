/** Refuses what names no host: everything behind it reads the request's URL, and takes it for one. */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from './context.ts';
import { invalid } from './problem.ts';

/** What would end the host in a URL, so that the rest of the header counted as a path, a query or credentials. */
const NO_PART_OF_A_HOST = /[\s/?#@\\]/;

/** Lets through requests whose `Host` is one. Cloudflare refuses others itself; the bare runtime hands them on. */
export function addressed(): MiddlewareHandler<AppEnv> {
  return async function isAddressed(c, next) {
    const host = c.req.header('host') ?? '';
    if (NO_PART_OF_A_HOST.test(host) || !URL.canParse(c.req.url)) {
      throw invalid({
        path: 'header/host',
        expected: 'a host name or an IP address, with a port or without',
        got: JSON.stringify(host),
      });
    }
    return next();
  };
}
