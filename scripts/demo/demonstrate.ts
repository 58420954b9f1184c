/** The demo itself: registers, posts as the providers do, and holds what arrives against what should. */
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { CONTACT_CHANGED, PRODUCT_CREATED } from './bodies.ts';
import type { Arrived, Inbox } from './inbox.ts';

export const SOURCE_SECRET = 'shared with SuperOffice';
const SUBSCRIBER_SECRET = 'shared with the subscriber';
const WIDTH = 100;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What it leaves behind, for whoever goes on from there. */
export interface Demonstrated {
  /** Calls the relay with the admin key. */
  readonly native: ReturnType<typeof jsonClient>;
  /** Where SuperOffice posts. */
  readonly superoffice: string;
  /** Where Deskera posts, without the type of the event. */
  readonly deskera: string;
}

export async function demonstrate(url: string, adminKey: string, inbox: Inbox): Promise<Demonstrated> {
  const target = inbox.url;
  console.log(`posthorn demo: relay on ${url}, receiver on ${target}`);
  const native = jsonClient(url, { authorization: `Bearer ${adminKey}` });

  heading('1. Two sources: where the providers post');
  const superoffice = await native<{ inboundUrl: string }>('/v1/sources', 201, {
    provider: 'superoffice',
    name: 'CRM',
    secret: SOURCE_SECRET,
  });
  const deskera = await native<{ inboundUrl: string }>('/v1/sources', 201, {
    provider: 'deskera',
    name: 'Books',
  });
  line('SuperOffice', 'signed', short(superoffice.inboundUrl));
  line('Deskera', 'unsigned', `${short(deskera.inboundUrl)}/{eventType}`);

  heading('2. Three registrations: one subscriber, three API styles, one key');
  const { key } = await native<{ key: string }>('/v1/keys', 201, { name: 'subscriber', role: 'subscriber' });
  const subscriber = jsonClient(url, { authorization: `Bearer ${key}` });
  const hook = await subscriber<{ id: number; secret: string }>('/v1/hooks', 201, {
    name: 'everything',
    url: `${target}/native`,
  });
  line('native', 'POST /v1/hooks', `hook ${hook.id}: every event, as CloudEvents`);

  const viaDeskera = jsonClient(url, { 'x-access-token': key });
  const registered = await viaDeskera<{ hookId: number }>('/v1/webhooks/register', 200, {
    clientId: 'cl_pub_demo',
    clientSecret: 'cl_priv_demo',
    accessToken: 'demo',
    refreshToken: 'demo',
    eventType: 'CREATE_PRODUCTS',
    webhookUrl: `${target}/deskera`,
  });
  line('Deskera', 'POST /v1/webhooks/register', `hook ${registered.hookId}: CREATE_PRODUCTS, as it came`);

  const webhook = await subscriber<{ WebhookId: number }>('/api/v1/Webhook', 200, {
    Name: 'Subscriber',
    Events: ['contact.created', 'contact.changed'],
    TargetUrl: `${target}/superoffice`,
    Secret: SUBSCRIBER_SECRET,
    Properties: { Team: 'North' },
  });
  line(
    'SuperOffice',
    'POST /api/v1/Webhook',
    `hook ${webhook.WebhookId}: contact.*, as SuperOffice sends it`,
  );
  const tryOut = await inbox.next('/superoffice', ({ headers }) => headers['x-hook-test'] === 'true');
  must(isSignedFor(tryOut, SUBSCRIBER_SECRET), 'the test event is signed with the Secret');
  line('', '', 'its target was tried out with a test event: signature verified');

  heading('3. What the providers post');
  const postedAtMs = Date.now();
  const signed = { 'x-superoffice-signature': signatureOf(CONTACT_CHANGED, SOURCE_SECRET) };
  const first = await post(superoffice.inboundUrl, CONTACT_CHANGED, signed);
  posted('SuperOffice', 'contact.changed', first, 200, '"duplicate":false');
  const again = await post(superoffice.inboundUrl, CONTACT_CHANGED, signed);
  posted('SuperOffice', 'the same once more', again, 200, '"duplicate":true');
  const forged = await post(superoffice.inboundUrl, CONTACT_CHANGED.replace('name', 'fame'), signed);
  posted('SuperOffice', 'with a byte changed', forged, 401, 'signature');
  const product = await post(`${deskera.inboundUrl}/CREATE_PRODUCTS`, PRODUCT_CREATED);
  posted('Deskera', 'CREATE_PRODUCTS', product, 200, '"duplicate":false');

  heading('4. What arrived');
  const secretOf = async (id: number) =>
    (await subscriber<{ secret: string }>(`/v1/hooks/${id}/secret`, 200)).secret;
  const typed = (type: string) => (arrived: Arrived) => arrived.body.includes(`"type":"${type}"`);

  const contact = await inbox.next('/native', typed('superoffice.contact.updated'));
  show(`hook ${hook.id}, native`, contact, postedAtMs, [
    standardWebhooks(contact, hook.secret),
    must(contact.body.includes(`"raw":${CONTACT_CHANGED}}`), "SuperOffice's text is in it unchanged"),
  ]);
  const created = await inbox.next('/native', typed('deskera.product.created'));
  show(`hook ${hook.id}, native`, created, postedAtMs, [
    standardWebhooks(created, hook.secret),
    must(created.body.includes(`"raw":${PRODUCT_CREATED}}`), "Deskera's text is in it unchanged"),
  ]);
  const asDeskera = await inbox.next('/deskera', () => true);
  show(`hook ${registered.hookId}, registered in Deskera's way`, asDeskera, postedAtMs, [
    standardWebhooks(asDeskera, await secretOf(registered.hookId)),
    must(asDeskera.body === PRODUCT_CREATED, 'the same bytes that Deskera posted'),
  ]);
  const asSuperoffice = await inbox.next(
    '/superoffice',
    ({ headers }) => headers['x-hook-test'] === undefined,
  );
  const { WebhookName, Team, EventId } = JSON.parse(asSuperoffice.body) as Record<string, unknown>;
  show(`hook ${webhook.WebhookId}, registered in SuperOffice's way`, asSuperoffice, postedAtMs, [
    standardWebhooks(asSuperoffice, await secretOf(webhook.WebhookId)),
    must(isSignedFor(asSuperoffice, SUBSCRIBER_SECRET), 'x-superoffice-signature verified'),
    must(WebhookName === 'Subscriber' && Team === 'North', 'its own WebhookName and Properties'),
    must(CONTACT_CHANGED.includes(String(EventId)), 'the EventId of SuperOffice'),
  ]);

  must(inbox.count() === 5, `five requests arrived in all, one of them the test event; got ${inbox.count()}`);
  console.log('\nEverything arrived and verified: 2 events, 3 hooks, 4 deliveries, no duplicate.');
  return { native, superoffice: superoffice.inboundUrl, deskera: deskera.inboundUrl };
}

/** Calls the relay with JSON, a GET without a body; anything but the expected status ends the demo. */
function jsonClient(base: string, credential: Readonly<Record<string, string>>) {
  return async <T>(path: string, status: number, body?: object): Promise<T> => {
    const response = await fetch(`${base}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...credential, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    must(response.status === status, `${path} answers ${status}; got ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
}

export async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

export function posted(
  provider: string,
  what: string,
  { status, text }: Answer,
  expected: number,
  part: string,
): void {
  must(
    status === expected && text.includes(part),
    `${what}: ${expected} with ${part}; got ${status} ${text}`,
  );
  const { detail } = JSON.parse(text) as { detail?: string };
  line(provider, what, `${status} ${detail ?? text}`);
}

/** As the vendor documents it: base64 of HMAC-SHA256 over the exact body. */
export function signatureOf(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('base64');
}

function isSignedFor({ body, headers }: Arrived, secret: string): boolean {
  return headers['x-superoffice-signature'] === signatureOf(body, secret);
}

/** By the receivers' own library; throws when the signature does not fit. */
function standardWebhooks({ body, headers }: Arrived, secret: string): string {
  new Webhook(secret).verify(body, { ...headers });
  return 'webhook-signature verified';
}

export function must(isSo: boolean, what: string): string {
  if (!isSo) throw new Error(`expected: ${what}`);
  return what;
}

export function heading(text: string): void {
  console.log(`\n${text}`);
}

function line(first: string, second: string, rest: string): void {
  console.log(`   ${first.padEnd(13)}${second.padEnd(28)}${rest}`);
}

function show(
  hook: string,
  { headers, body, atMs }: Arrived,
  sinceMs: number,
  checks: readonly string[],
): void {
  console.log(`\n   ${hook}, ${atMs - sinceMs} ms after the first post`);
  const shown = [
    'webhook-id',
    'posthorn-sequence',
    'posthorn-type',
    'x-superoffice-event',
    'x-superoffice-retry',
  ];
  for (const name of shown) if (headers[name] !== undefined) console.log(`     ${name}: ${headers[name]}`);
  for (const part of wrapped(body)) console.log(`     | ${part}`);
  for (const check of checks) console.log(`     ok ${check}`);
}

/** JSON text in lines that end after a comma, where there is one in the last part of a line. */
function wrapped(text: string): string[] {
  return text.match(new RegExp(`.{1,${WIDTH - 1}}(?:,|$)|.{1,${WIDTH}}`, 'gsu')) ?? [];
}

/** An inbound URL is a secret, even here. */
function short(url: string): string {
  return url.replace(/(\/in\/.{14}).*/, '$1…');
}
