/**
 * SuperOffice's calls for webhooks, against the relay: paths in any case of letters, with the tenant in front or
 * without, any of the vendor's three ways to authenticate. What is saved is an ordinary hook of the key's tenant.
 * Source: SuperOffice docs, webhook pages; swagger files of the REST API and of the agent; the vendor's npm client.
 */
import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../../context.ts';
import { authenticated } from './client.ts';
import { errorAnswer } from './errors.ts';
import { answerRest } from './rest.ts';
import { answerRpc } from './rpc.ts';

/** Whatever stands below one of the two roots, line breaks too. */
const PATH = /^(?:\/([^/]+))?\/api\/v1\/(webhook|agents\/webhook)(?:\/([^]*))?$/i;

/** Answers what is meant for this dialect and leaves everything else to the routes behind it. */
export function superofficeDialect(): MiddlewareHandler<AppEnv> {
  return async function superoffice(c, next) {
    const match = PATH.exec(c.req.path);
    if (match === null) return next();
    const [, tenant, form = '', rest = ''] = match;
    const path = rest.replace(/\/$/, '').split('/');
    const segments = path[0] === '' ? path.slice(1) : path;
    try {
      const client = await authenticated(c, tenant?.toLowerCase() ?? null);
      const isRest = form.toLowerCase() === 'webhook';
      return await (isRest ? answerRest : answerRpc)(c, client, segments);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return errorAnswer(error);
    }
  };
}
