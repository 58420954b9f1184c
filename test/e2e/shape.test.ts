/** What a hook chooses, sends and proves, all at once: in every format, read and saved again, and as the documents have it. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Hook, refusal } from '../support/api.ts';
import { type Arrival, type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import {
  type Tenant,
  accepted,
  arriveSigned,
  newTenant,
  ownEvent,
  signatureOf,
  superofficeBody,
} from '../support/tenant.ts';
import { until } from '../support/until.ts';

let relay: Relay;
let receiver: Receiver;
let tokens: Receiver;
let tenant: Tenant;
beforeAll(async () => {
  [relay, receiver, tokens] = await Promise.all([startRelay(), startReceiver(), startReceiver()]);
  tenant = await newTenant(relay);
});
afterEach(() => {
  receiver.answerWith({ status: 200 });
});
afterAll(() => Promise.all([relay.dispose(), receiver.close(), tokens.close()]));

async function arrivalsAt(path: string, count = 1): Promise<Arrival[]> {
  const at = (arrivals: Receiver['arrivals']) => arrivals.filter((arrival) => arrival.path === `/${path}`);
  return at(await receiver.waitFor((arrivals) => at(arrivals).length >= count));
}

const SIGNATURE = {
  header: 'x-hub-signature-256',
  secret: 'It is a secret',
  scheme: 'hmac',
  digest: 'sha256',
  key: 'text',
  encoding: 'hex',
  prefix: 'sha256=',
  message: ['{body}'],
};
const hubSignature = (body: Uint8Array) =>
  `sha256=${createHmac('sha256', SIGNATURE.secret).update(body).digest('hex')}`;
const patch = (id: number, members: unknown) => tenant.api.request('PATCH', `/v1/hooks/${id}`, members);

test('a fresh hook has neither filters, template, login, further signatures nor a name of its own', async () => {
  const fresh = { filters: [], template: null, auth: null, signatures: [], uid: null, format: 'structured' };
  const hook = await tenant.api.createHook({ url: receiver.url });
  expect(hook).toMatchObject(fresh);
  const source = await tenant.api.createSource({ provider: 'deskera', name: 'fresh' });
  expect(source).toMatchObject({ uid: null });
  const full = { ...fresh, filters: [{ exact: { type: 'a' } }], auth: { type: 'bearer', token: 'x' } };
  expect((await patch(hook.id, { ...full, signatures: [SIGNATURE], uid: 'fresh' })).status).toBe(200);
  const nothing = { filters: null, template: null, auth: null, signatures: null, uid: null };
  expect((await patch(hook.id, nothing)).body).toMatchObject(fresh);
});

describe('in every format', () => {
  test.each(['structured', 'binary', 'raw', 'superoffice', 'template'])(
    '%s: filters choose, the login goes along, and the signature is over what is sent',
    async (format) => {
      const source = await tenant.api.createSource({ provider: 'superoffice', name: format });
      await tenant.api.createHook({
        url: receiver.url + format,
        events: ['superoffice.*'],
        sources: [source.id],
        filters: [{ match: { data: { raw: { PrimaryKey: { $gt: 10 } } } } }],
        format,
        template: { contentType: 'text/plain', body: 'key {{ data.raw.PrimaryKey }}' },
        auth: { type: 'bearer', token: 'fo-rm.at' },
        signatures: [SIGNATURE],
      });
      const bodies = [10, 11].map((PrimaryKey) => superofficeBody({ PrimaryKey }));
      for (const body of bodies) accepted(await arriveSigned(source, body));
      const [arrival] = await arrivalsAt(format);
      expect(arrival?.headers).toMatchObject({
        authorization: 'Bearer fo-rm.at',
        'x-hub-signature-256': hubSignature(arrival?.body ?? Buffer.of()),
        'posthorn-sequence': '1',
      });
      expect(arrival?.body.toString()).toContain('11');
      expect(arrival?.headers['webhook-signature']).toMatch(/^v1,/);
      if (format === 'raw') expect(arrival?.body.toString()).toBe(bodies[1]);
    },
  );

  test('also those of a webhook that SuperOffice’s API made, and its test event', async () => {
    const made = await tenant.api.request('POST', '/api/v1/Webhook', {
      Name: 'dialect',
      Events: ['contact.changed'],
      TargetUrl: `${receiver.url}dialect`,
      Secret: 'S3CRET',
    });
    const id = (made.body as { WebhookId: number }).WebhookId;
    expect(made.status).toBe(200);
    const members = { auth: { type: 'basic', username: 'a', password: 'b' }, signatures: [SIGNATURE] };
    expect((await patch(id, members)).status).toBe(200);
    // What the save itself tried went before there was a login.
    const saved = receiver.arrivals.filter(({ path }) => path === '/dialect').length;
    await tenant.api.expect(200, 'POST', `/v1/hooks/${id}/test`);
    const source = await tenant.api.createSource({ provider: 'superoffice', name: 'dialect' });
    accepted(await arriveSigned(source, superofficeBody()));
    const [first, second] = (await arrivalsAt('dialect', saved + 2)).slice(saved);
    for (const arrival of [first, second]) {
      const body = arrival?.body ?? Buffer.of();
      expect(arrival?.headers).toMatchObject({
        authorization: 'Basic YTpi',
        'x-hub-signature-256': hubSignature(body),
        'x-superoffice-signature': signatureOf(body, 'S3CRET'),
      });
    }
  });
});

describe('what is write-only survives being read and saved', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['bearer', { type: 'bearer', token: 'be-arer.1' }, 'Bearer be-arer.1'],
    ['basic', { type: 'basic', username: 'u', password: 'p' }, 'Basic dTpw'],
    [
      'oauth2',
      { type: 'oauth2', clientId: 'relay', clientSecret: 's3cret', credentials: 'header', scope: 'a' },
      'Bearer issued',
    ],
  ])('%s', async (name, members, authorization) => {
    tokens.answerWith({ body: '{"access_token":"issued","token_type":"Bearer","expires_in":3600}' });
    const auth = name === 'oauth2' ? { ...members, tokenUrl: `${tokens.url}masked` } : members;
    const { id } = await tenant.api.createHook({
      url: receiver.url + name,
      events: [`w.${name}`],
      auth,
      signatures: [SIGNATURE],
    });
    const shown = (await tenant.api.expect(200, 'GET', `/v1/hooks/${id}`)) as Record<string, unknown>;
    expect(JSON.stringify(shown)).not.toMatch(/be-arer|s3cret|It is a secret/);
    expect(shown['auth']).toEqual({
      ...auth,
      ...Object.fromEntries(
        ['token', 'password', 'clientSecret']
          .filter((secret) => secret in auth)
          .map((secret) => [secret, '***']),
      ),
    });
    for (const body of [shown, { ...shown, name: 'again' }]) {
      const saved = await patch(id, body);
      expect(saved.status).toBe(200);
      expect(saved.body).toMatchObject({ auth: shown['auth'], signatures: shown['signatures'] });
      expect(saved.body).not.toHaveProperty('dropped');
    }
    await tenant.api.publish(ownEvent({ type: `w.${name}` }));
    const [arrival] = await arrivalsAt(name);
    expect(arrival?.headers.authorization).toBe(authorization);
    expect(arrival?.headers['x-hub-signature-256']).toBe(hubSignature(arrival?.body ?? Buffer.of()));
    if (name === 'oauth2') {
      const [asked] = tokens.arrivals.filter(({ path }) => path === '/masked');
      expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('relay:s3cret').toString('base64')}`);
    }
  });

  test('an authorization header and a login never stand together, whichever comes second', async () => {
    const auth = { type: 'bearer', token: 'x' };
    const headers = { Authorization: 'Bearer own' };
    const { id: withHeader } = await tenant.api.createHook({ url: receiver.url, headers });
    expect(refusal(await patch(withHeader, { auth }))).toBe('400 invalid /headers/authorization');
    expect((await patch(withHeader, { auth, headers: { Authorization: null } })).status).toBe(200);
    const { id: withAuth } = await tenant.api.createHook({ url: receiver.url, auth });
    expect(refusal(await patch(withAuth, { headers }))).toBe('400 invalid /headers/authorization');
    expect((await patch(withAuth, { auth: null, headers })).status).toBe(200);
    const signature = { ...SIGNATURE, header: 'authorization' };
    expect(refusal(await patch(withHeader, { signatures: [signature] }))).toBe(
      '400 invalid /signatures/0/header',
    );
  });
});

test('three further signatures are sent side by side, and a fourth is refused', async () => {
  const signatures = ['x-a', 'x-b', 'x-c'].map((header) => ({ ...SIGNATURE, header, secret: header }));
  const { id } = await tenant.api.createHook({
    url: `${receiver.url}three`,
    events: ['s.three'],
    signatures,
  });
  await tenant.api.publish(ownEvent({ type: 's.three' }));
  const [arrival] = await arrivalsAt('three');
  for (const { header } of signatures) {
    const hmac = createHmac('sha256', header).update(arrival?.body ?? '');
    expect(arrival?.headers[header]).toBe(`sha256=${hmac.digest('hex')}`);
  }
  const four = [...signatures, { ...SIGNATURE, header: 'x-d' }];
  expect(refusal(await patch(id, { signatures: four }))).toBe('400 invalid /signatures');
});

test('a 401 and a token server that has gone: the attempt failed at the login, and says what the receiver answered', async () => {
  let isGone = false;
  tokens.answerWith(() =>
    isGone ? { status: 503 } : { body: '{"access_token":"first","token_type":"Bearer","expires_in":3600}' },
  );
  receiver.answerWith(({ path }) => {
    if (path !== '/gone') return { status: 200 };
    isGone = true;
    return { status: 401 };
  });
  const hook = await tenant.api.createHook({
    url: `${receiver.url}gone`,
    events: ['o.gone'],
    retry: { scheduleSeconds: [3600] },
    auth: { type: 'oauth2', tokenUrl: `${tokens.url}gone`, clientId: 'a', clientSecret: 'b' },
  });
  const { id } = await tenant.api.publish(ownEvent({ type: 'o.gone' }));
  const delivery = await until(
    () => tenant.api.delivery(hook.id, id),
    ({ attempts }) => attempts === 1,
  );
  expect(delivery.attemptLog).toMatchObject([
    { error: 'auth', statusCode: 401, outcome: 'failed', detail: 'the token server answered 503' },
  ]);
  expect(await arrivalsAt('gone')).toHaveLength(1);
});

test('a template of 64 KiB is saved and rendered beside everything else, and no byte more', async () => {
  const body = `{{ type }}${'ä'.repeat((65_536 - 10) / 2)}`;
  const members = {
    url: `${receiver.url}large`,
    events: ['t.large'],
    headers: { 'x-large': 'x'.repeat(4_000) },
    format: 'template',
  };
  await tenant.api.createHook({ ...members, template: { contentType: 'text/plain', body } });
  await tenant.api.publish(ownEvent({ type: 't.large' }));
  const [arrival] = await arrivalsAt('large');
  expect(arrival?.body.toString()).toBe(body.replace('{{ type }}', 't.large'));
  const larger = { ...members, template: { contentType: 'text/plain', body: `${body}!` } };
  expect(refusal(await tenant.api.request('POST', '/v1/hooks', larger))).toBe('400 invalid /template/body');
});

test('filters are tried on a hundred events unless more are asked for, on a thousand at most', async () => {
  const { api } = await newTenant(relay);
  const batch = (from: number, count: number) =>
    JSON.stringify(
      Array.from({ length: count }, (_, at) => ownEvent({ type: 'f.many', data: { n: from + at } })),
    );
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  for (const [from, count] of [
    [0, 1_000],
    [1_000, 5],
  ] as const)
    expect((await api.request('POST', '/v1/events', batch(from, count), headers)).status).toBe(202);
  const filters = [{ match: { data: { n: { $gte: 1_000 } } } }];
  const tried = async (limit?: number) =>
    (await api.expect(200, 'POST', '/v1/filters/test', { filters, limit })) as {
      tested: number;
      matched: number;
      results: { matched: boolean }[];
    };
  for (const [limit, tested] of [
    [undefined, 100],
    [3, 3],
    [999, 999],
    [1_000, 1_000],
  ] as const) {
    const trial = await tried(limit);
    expect(trial).toMatchObject({ tested, matched: Math.min(5, tested) });
    expect(trial.results.slice(0, 6).map(({ matched }) => matched)).toEqual(
      [true, true, true, true, true, false].slice(0, Math.min(6, tested)),
    );
  }
});

describe('uid of a source', () => {
  const create = (uid: unknown) =>
    tenant.api.request('POST', '/v1/sources', { provider: 'deskera', name: 'named', uid });

  test.each(['', 'A', '-a', '.a', 'a b', 'ä', 'a'.repeat(64), 7, {}])('%j is none', async (uid) => {
    expect(refusal(await create(uid))).toBe('400 invalid /uid');
  });

  test('is unique among the sources of the tenant alone, comes back, and goes with null', async () => {
    const longest = 'a'.repeat(63);
    const { id } = (await create(longest)).body as { id: string };
    expect(refusal(await create(longest))).toBe('409 conflict');
    const other = await newTenant(relay);
    const elsewhere = { provider: 'deskera', name: 'named', uid: longest };
    expect((await other.api.request('POST', '/v1/sources', elsewhere)).status).toBe(201);
    expect((await tenant.api.request('POST', '/v1/hooks', { url: receiver.url, uid: longest })).status).toBe(
      201,
    );
    const path = `/v1/sources/${id}`;
    expect((await tenant.api.request('GET', path)).body).toMatchObject({ uid: longest });
    expect((await tenant.api.request('PATCH', path, { uid: longest })).status).toBe(200);
    expect((await tenant.api.request('PATCH', path, { uid: null })).body).toMatchObject({ uid: null });
    expect((await create(longest)).status).toBe(201);
  });
});

describe('the commands of the documents', () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, '..', '..', 'docs', name), 'utf8');
  const blocks = (text: string, language: string) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(
      ([, block = '']) => block,
    );
  /** What `curl` would send of a block, its variables filled in. */
  const callOf = (block: string, variables: Readonly<Record<string, string>>) => {
    const command = block.slice(
      block.indexOf('curl', block.indexOf('TEMPLATE=$(') + 1 && block.indexOf('\n')),
    );
    const filled = command
      .replace(/'"\$(\w+)"'/g, (_, name: string) => variables[name] ?? '?')
      .replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? '?')
      .replace('https://api.postmarkapp.com/email', `${receiver.url}postmark`);
    const [, body = ''] = /-d '([^]*)'\s*$/.exec(filled) ?? [];
    const [, path = ''] = /(\/v1\/\S+)/.exec(filled) ?? [];
    const [, method = 'POST'] = /-X (\w+)/.exec(filled) ?? [];
    return { method, path, body: body === '' ? undefined : (JSON.parse(body) as unknown) };
  };

  test('alerts: Slack, Teams and a mail service are told of a failing hook, each in its own words', async () => {
    const alerted = await newTenant(relay);
    const { data } = (await alerted.api.expect(200, 'GET', '/v1/templates')) as {
      data: { id: string; template: object }[];
    };
    const ids: number[] = [];
    for (const block of blocks(read('operate/alerts.md'), 'sh').filter((each) => each.includes('-d '))) {
      const ready = /select\(\.id == "([\w-]+)"\)/.exec(block)?.[1];
      const call = callOf(block, {
        TEMPLATE: JSON.stringify(data.find(({ id }) => id === ready)?.template),
        SLACK_URL: `${receiver.url}slack`,
        TEAMS_URL: `${receiver.url}teams`,
        POSTMARK_TOKEN: 'postmark-token',
      });
      ids.push(((await alerted.api.expect(201, call.method, call.path, call.body)) as Hook).id);
    }
    expect(ids).toHaveLength(3);
    await alerted.api.expect(200, 'POST', `/v1/hooks/${ids[0] ?? 0}/test`);
    receiver.answerWith(({ path }) => ({ status: path === '/down' ? 500 : 200 }));
    const { id } = await alerted.api.createHook({
      name: 'CRM',
      url: `${receiver.url}down`,
      events: ['a.down'],
      ordering: 'none',
    });
    for (let at = 0; at < 5; at += 1) await alerted.api.publish(ownEvent({ type: 'a.down' }));
    const words = new RegExp(
      `^🟠 Hook ${id} \\(CRM\\) is failing since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC: status, last answer 500\\.$`,
    );
    const [tried, slack] = (await arrivalsAt('slack', 2)).map(
      ({ body }) => JSON.parse(body.toString()) as unknown,
    );
    expect(tried).toEqual({ text: `🔵 Hook ${ids[0]} (alerts) is being tried: this is a test.` });
    expect(slack).toEqual({ text: expect.stringMatching(words) as string });
    const [teams] = await arrivalsAt('teams');
    expect(JSON.parse(teams?.body.toString() ?? '')).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', body: [{ text: expect.stringMatching(words) as string }] },
        },
      ],
    });
    const [mail] = await arrivalsAt('postmark');
    expect(mail?.headers['x-postmark-server-token']).toBe('postmark-token');
    const { Subject, TextBody } = JSON.parse(mail?.body.toString() ?? '') as Record<string, string>;
    expect(Subject).toBe('posthorn.hook.failing');
    expect(JSON.parse(TextBody ?? '')).toMatchObject({ hookId: id, hookName: 'CRM', statusCode: 500 });
  });

  test('alerts: the filter of fewer alerts is one', async () => {
    const [filters] = blocks(read('operate/alerts.md'), 'json').map((block) => JSON.parse(block) as unknown);
    await tenant.api.createHook({ url: receiver.url, events: ['posthorn.*'], filters });
  });

  test('logins and signatures can be saved as they are printed', async () => {
    const text = read('receive/authenticate-to-receivers.md').replaceAll('"…"', '"secret"');
    const { id } = await tenant.api.createHook({ url: receiver.url, events: ['d.auth'] });
    const [command = ''] = blocks(text, 'sh');
    expect((await patch(id, callOf(command, {}).body)).body).toMatchObject({ auth: { type: 'bearer' } });
    const members = blocks(text, 'text').map((block) => JSON.parse(`{${block}}`) as Record<string, unknown>);
    expect(members).toHaveLength(3);
    for (const each of members) expect((await patch(id, each)).text).toContain('"***"');
    const rows = text.split('\n').filter((line) => /^\| (GitHub|Shopify|like that) /.test(line));
    const signatures = rows.map((row) => {
      const [, header, digest, encoding, prefix, message = ''] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim().replaceAll('`', ''));
      return { ...SIGNATURE, header, digest, encoding, prefix, message: JSON.parse(message) as unknown };
    });
    expect(signatures).toHaveLength(3);
    expect((await patch(id, { signatures })).status).toBe(200);
  });
});
