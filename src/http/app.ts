/** The HTTP edge: gates, routes, one funnel for errors. */
import { Hono, type MiddlewareHandler } from 'hono';
import * as z from 'zod';
import { settingsOf } from '../settings.ts';
import { VERSION } from '../version.ts';
import { Api, KEYED, METRICS } from './api.ts';
import { authenticate } from './auth.ts';
import { pageHeaders, withoutSniffing } from './browser-headers.ts';
import { consoleRoutes } from './console.ts';
import type { AppEnv } from './context.ts';
import { deskeraDialect } from './dialects/deskera.ts';
import { DESKERA_ROUTES } from './dialects/deskera-routes.ts';
import { superofficeDialect } from './dialects/superoffice/dialect.ts';
import { SUPEROFFICE_ROUTES } from './dialects/superoffice/routes.ts';
import { docsPage } from './openapi/docs-page.ts';
import { aboutProvider, descriptionOf, PROVIDER_NAMES } from '../providers/providers.ts';
import { sendersPage } from './senders-page.ts';
import { addressed } from './host.ts';
import { hooksFileSchema } from './hooks-file-schema.ts';
import { INBOUND_ROUTES, inbound } from './inbound.ts';
import { logsInbound } from './inbound-line.ts';
import { lastingAnswer, type Page } from './lasting-answer.ts';
import { allowedMethods } from './methods.ts';
import { auditRoutes } from './native/audit.ts';
import { bulkRoutes } from './native/bulk.ts';
import { allDeliveryRoutes } from './native/all-deliveries.ts';
import { deliveryRoutes } from './native/deliveries.ts';
import { eventRoutes } from './native/events.ts';
import { expungeRoutes } from './native/expunges.ts';
import { exportRoutes } from './native/export.ts';
import { importRoutes } from './native/import.ts';
import { hookActionRoutes } from './native/hook-actions.ts';
import { hookKeyRoutes } from './native/hook-keys.ts';
import { hookRoutes } from './native/hooks.ts';
import { tailRoutes } from './native/tail.ts';
import { listenRoutes } from './native/listen.ts';
import { keyRoutes } from './native/keys.ts';
import { meRoutes } from './native/me.ts';
import { providerRoutes } from './native/providers.ts';
import { confirmRoutes } from './native/confirm.ts';
import { refusalRoutes } from './native/refusals.ts';
import { sourceKeyRoutes } from './native/source-keys.ts';
import { sourceSetupRoutes } from './native/source-setup.ts';
import { sourceRoutes } from './native/sources.ts';
import { replayRoutes } from './native/replay.ts';
import { shapingRoutes } from './native/shaping.ts';
import { secretRoutes } from './native/secrets.ts';
import { metricsRoutes } from './native/metrics.ts';
import { seriesRoutes } from './native/series.ts';
import { statsRoutes } from './native/stats.ts';
import { switchRoutes } from './native/switches.ts';
import { tenantRoutes } from './native/tenants.ts';
import { openApiDocument } from './openapi/document.ts';
import { Refusal, notFound, problemResponse, refusalFor } from './problem.ts';
import { knownToken } from './wrong-credentials.ts';

const HealthSchema = z.object({ status: z.literal('ok'), version: z.string() });

export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const api = new Api(app);
  app.onError((error) => problemResponse(refusalFor(error)));
  app.notFound((c) => {
    const methods = allowedMethods(app, c.req.path);
    if (methods.length === 0) return problemResponse(notFound('path'));
    const response = problemResponse(
      new Refusal('method-not-allowed', `${c.req.path} has ${methods.join(', ')}, not ${c.req.method}.`),
    );
    response.headers.set('allow', methods.join(', '));
    return response;
  });

  app.use(withoutSniffing());
  app.use(addressed());
  api.route(
    {
      method: 'get',
      path: '/healthz',
      summary: 'Is the relay up?',
      operationId: 'getHealth',
      tag: 'Relay',
      description:
        'Answers as soon as the Worker runs. It asks nothing and needs no key, so it says nothing about storage or settings.',
      answers: { 200: { description: 'It is', schema: HealthSchema } },
      problems: [],
    },
    (c) => c.json({ status: 'ok', version: VERSION }),
  );

  consoleRoutes(app);
  app.use(configured());
  app.get(
    '/openapi.json',
    lastingAnswer(() => documentOf(api)),
  );
  app.get(
    '/docs',
    lastingAnswer(() => docsOf(api)),
  );
  app.get('/schemas/hooks.json', lastingAnswer(hooksFileSchema));
  app.get('/docs/senders', lastingAnswer(sendersOf));
  app.use('/in/:token/*', logsInbound());
  app.use('/in/:token/*', knownToken());
  app.route('/in', inbound());
  for (const route of INBOUND_ROUTES) api.document(route);

  app.route('/', deskeraDialect());
  app.use(superofficeDialect());
  for (const route of [...DESKERA_ROUTES, ...SUPEROFFICE_ROUTES]) api.document(route);

  app.use(`${KEYED}*`, authenticate());
  app.use(METRICS, authenticate());
  tenantRoutes(api);
  meRoutes(api);
  keyRoutes(api);
  providerRoutes(api);
  sourceRoutes(api);
  sourceKeyRoutes(api);
  sourceSetupRoutes(api);
  confirmRoutes(api);
  refusalRoutes(api);
  hookRoutes(api);
  hookKeyRoutes(api);
  hookActionRoutes(api);
  listenRoutes(api);
  tailRoutes(api);
  shapingRoutes(api);
  deliveryRoutes(api);
  bulkRoutes(api);
  allDeliveryRoutes(api);
  replayRoutes(api);
  eventRoutes(api);
  exportRoutes(api);
  importRoutes(api);
  expungeRoutes(api);
  statsRoutes(api);
  seriesRoutes(api);
  secretRoutes(api);
  metricsRoutes(api);
  switchRoutes(api);
  auditRoutes(api);
  return app;
}

function documentOf(api: Api): Page {
  return {
    text: JSON.stringify(openApiDocument(api.routes, VERSION)),
    headers: { 'content-type': 'application/json' },
  };
}

async function docsOf(api: Api): Promise<Page> {
  const text = await docsPage(openApiDocument(api.routes, VERSION));
  return { text, headers: pageHeaders(text) };
}

async function sendersOf(): Promise<Page> {
  const senders = PROVIDER_NAMES.flatMap((id) => {
    const about = aboutProvider(id);
    return about === null ? [] : [{ id, about, description: descriptionOf(id) }];
  });
  const text = String(await sendersPage(senders));
  return { text, headers: pageHeaders(text) };
}

/** Lets nothing through while a setting is wrong, and says which. */
function configured(): MiddlewareHandler<AppEnv> {
  return async function isConfigured(c, next) {
    const reading = settingsOf(c.env);
    if (!reading.ok) {
      const wrong = reading.problems.map(({ name, expected }) => `${name}: expected ${expected}`);
      throw new Refusal('not-configured', wrong.join('; '));
    }
    c.set('settings', reading.settings);
    c.set('adminKey', reading.adminKey);
    return next();
  };
}
