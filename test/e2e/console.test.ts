/** The console: how it is served, and what somebody can do with it in a browser. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api, type Source } from '../support/api.ts';
import { type Browser, noBrowser, seriousViolations, startBrowser } from '../support/browser.ts';
import { Console } from '../support/console.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Relay, startRelay } from '../support/relay.ts';
import { arrive, newTenant, ownEvent } from '../support/tenant.ts';

const FIRST_LOAD_BYTES = 150 * 1024;

let relay: Relay;
let receiver: Receiver;
beforeAll(async () => {
  [relay, receiver] = await Promise.all([startRelay(), startReceiver()]);
});
afterAll(() => Promise.all([relay.dispose(), receiver.close()]));

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${relay.url}${path}`, { redirect: 'manual', ...init });

/** Of a page: the files that it names. */
const filesOf = (page: string) =>
  Array.from(page.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g), ([, file = '']) => file);

describe('how it is served', () => {
  test('the page and its files run nothing but themselves, cannot be framed and tell nobody where one came from', async () => {
    const page = await get('/console');
    const files = filesOf(await page.clone().text());
    expect(files.map((file) => file.split('.').at(-1)).toSorted()).toEqual(
      expect.arrayContaining(['css', 'js', 'svg']),
    );
    const answers = [
      page,
      await get('/console/hooks/7'),
      await get('/console/'),
      ...(await Promise.all(files.map((file) => get(file)))),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|data:|blob:|https?:|\*/);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const [first = ''] = files;
    expect((await get(first)).headers.get('cache-control')).toContain('immutable');
  });

  test('what is no file of it is not there, and no other method than reading', async () => {
    for (const path of [
      '/console/assets/',
      '/console/assets/none.js',
      '/console/assets/..%2f..%2fadmin-key',
      '/consoles',
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    expect((await get('/console', { method: 'POST' })).status).toBe(404);
    const head = await get('/console', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('/ leads a browser to it; who asks for anything else finds no such path', async () => {
    const browser = await get('/', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/console']);
    expect((await get('/')).status).toBe(404);
    expect((await get('/', { headers: { accept: 'application/json' } })).status).toBe(404);
    expect((await get('/', { method: 'POST', headers: { accept: 'text/html' } })).status).toBe(404);
  });

  test('a key learns whose it is, and what it may do', async () => {
    const { id, key, api } = await newTenant(relay);
    const whose = async (credential: string, headers = {}) =>
      (await get('/v1/me', { headers: { authorization: `Bearer ${credential}`, ...headers } })).json();
    expect(await whose(key)).toMatchObject({
      tenant: id,
      role: 'admin',
      keyId: expect.any(String) as string,
    });
    for (const role of ['subscriber', 'publisher', 'viewer']) {
      const made = (await api.expect(201, 'POST', '/v1/keys', { name: role, role })) as {
        id: string;
        key: string;
      };
      expect(await whose(made.key)).toEqual({ tenant: id, role, keyId: made.id });
    }
    expect(await whose(relay.adminKey, { 'posthorn-tenant': id })).toEqual({
      tenant: id,
      role: 'operator',
      keyId: null,
    });
    expect((await get('/v1/me')).status).toBe(401);
  });
});

describe.skipIf(noBrowser)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test('signing in: a wrong key is told so; the right one stays in this tab alone', async () => {
    const { id, key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url);
    await tab.go();
    await tab.field('Key').fill('ph_wrong');
    await tab.button('Sign in').click();
    await tab.shows('This key is unknown, revoked or expired.');
    await tab.isSound();
    await tab.field('Key').fill(key);
    await tab.button('Sign in').click();
    await tab.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tab.shows(id);
    const kept = await tab.page.evaluate<string[]>(
      '[JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, location.href]',
    );
    expect(kept).toEqual([JSON.stringify({ 'posthorn.key': key }), '{}', '', `${relay.url}/console`]);
    await tab.button('Sign out').click();
    expect(await tab.page.evaluate(() => sessionStorage.length)).toBe(0);
    await tab.field('Key').waitFor();
  });

  test('the first load is small', async () => {
    const { key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url, { key });
    const loaded: string[] = [];
    tab.page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
    await tab.go();
    await tab.page.waitForLoadState('networkidle');
    const files = loaded.filter((path) => path.startsWith('/console'));
    expect(files.length).toBeGreaterThan(3);
    const bodies = await Promise.all(files.map(async (path) => (await get(path)).arrayBuffer()));
    const bytes = bodies.reduce((sum, body) => sum + gzipSync(new Uint8Array(body)).byteLength, 0);
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES);
  });

  test('source, hook, event, a failed delivery, mended and retried', async () => {
    const { key, api } = await newTenant(relay);
    receiver.answerWith({ status: 500, body: '<script>alert(1)</script> no disk' });
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go('/sources');
    await tab.link('New source').click();
    await tab.field('Who sends').selectOption('deskera');
    await tab.field('Name').fill('books');
    await tab.button('Connect').click();
    await tab.page.getByRole('heading', { name: 'books' }).waitFor();
    const [source] = ((await api.expect(200, 'GET', '/v1/sources')) as { data: Source[] }).data;
    await tab.shows(source?.inboundUrl ?? 'none');

    await tab.link('Hooks').click();
    await tab.link('New hook').click();
    await tab.field('URL').fill('no url');
    await tab.shows('Not a URL.');
    await tab.field('URL').fill(`${receiver.url}/retried`);
    await tab.field('Name').fill('warehouse');
    await tab.field('Event patterns').fill('deskera.invoice.*');
    await tab.button('Register the hook').click();
    await tab.shows(/^whsec_/);
    await tab.button('To the hook').click();
    await tab.page.getByRole('heading', { name: 'warehouse' }).waitFor();

    const from = receiver.arrivals.length;
    await arrive(
      source ?? { inboundUrl: '' },
      '{"id":7}',
      { 'content-type': 'application/json' },
      '/CREATE_INVOICE',
    );
    await receiver.waitFor(from + 1);
    await tab.link('Deliveries').click();
    await tab.field('Hook').selectOption({ index: 1 });
    await tab.link('deskera.invoice.created').click();
    await tab.shows('answered 500');
    await tab.shows('<script>alert(1)</script> no disk');
    await tab.isSound();

    receiver.answerWith({ status: 200 });
    await tab.button('Retry now').click();
    await tab.shows('The receiver answered 2xx.');
    await tab.isSound();
  });

  test('from the overview to why a hook did not get an event, in three clicks', async () => {
    const { key, api } = await newTenant(relay);
    const filters = [{ match: { data: { total: { $gte: 1000 } } } }];
    await api.createHook({ url: receiver.url, name: 'large deals', filters });
    await api.createHook({ url: receiver.url, name: 'others', events: ['other.*'] });
    await api.expect(202, 'POST', '/v1/events', ownEvent({ type: 'shop.order.paid', data: { total: 7 } }));
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go();
    await tab.link('Events').click();
    await tab.link('shop.order.paid').click();
    await tab.page.getByText('large deals').click();
    await tab.shows('/filters/0/match/data/total/$gte');
    await tab.shows('A filter of the hook excluded this event.');
    await tab.page.getByText('others').click();
    await tab.shows('None of the hook’s event patterns matches the type of this event.');
    await tab.isSound();
  });

  test('an edit of what somebody else has changed meanwhile is refused in words, and saves nothing', async () => {
    const { key, api } = await newTenant(relay);
    const hook = await api.createHook({ url: receiver.url, name: 'mine' });
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go(`/hooks/${hook.id}/edit`);
    // As it was before the other change.
    await expect.poll(() => tab.field('Name').inputValue()).toBe('mine');
    await api.expect(200, 'PATCH', `/v1/hooks/${hook.id}`, { name: 'theirs' });
    await tab.field('Name').fill('mine, changed');
    await tab.button('Save').click();
    await tab.shows('Somebody else changed it meanwhile.');
    await tab.button('Load it again').click();
    await expect.poll(() => tab.field('Name').inputValue()).toBe('theirs');
    expect(await api.hook(hook.id)).toMatchObject({ name: 'theirs' });
  });

  test('a key that ends is told so wherever one is; another one goes on', async () => {
    const { api } = await newTenant(relay);
    const made = (await api.expect(201, 'POST', '/v1/keys', { name: 'brief' })) as {
      id: string;
      key: string;
    };
    await using tab = await Console.open(browser, relay.url, { key: made.key });
    await tab.go('/keys');
    // As the relay answers a key that has ended; it remembers a good one for some seconds.
    await tab.page.route('**/v1/**', (route) =>
      route.fulfill({
        status: 401,
        json: { status: 401, code: 'unauthorized', title: '', detail: '', type: '' },
      }),
    );
    await tab.link('Hooks').click();
    await tab.shows('This key no longer works');
    expect(await tab.page.evaluate<string | null>(`sessionStorage.getItem('posthorn.key')`)).toBeNull();
    await tab.page.unroute('**/v1/**');
    await tab.field('Key').fill(made.key);
    await tab.button('Sign in').click();
    await tab.page.getByRole('heading', { name: 'Hooks' }).waitFor();
  });

  test('403, 409, 429 and 5xx are told in words, with a way to try again', async () => {
    const { key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go();
    for (const [status, code, words] of [
      [403, 'forbidden', 'This key may not do that.'],
      [409, 'conflict', 'It does not go together with what is there.'],
      [429, 'rate-limited', 'Too many calls.'],
      [500, 'internal', 'Something went wrong inside the relay (500).'],
      [503, 'unavailable', 'The relay cannot do this right now.'],
    ] as const) {
      await tab.page.route('**/v1/hooks*', (route) =>
        route.fulfill({ status, json: { status, code, title: 't', detail: 'd', type: '' } }),
      );
      await tab.link('Hooks').click();
      await tab.shows(words);
      await tab.page.unroute('**/v1/hooks*');
      await tab.button('Try again').first().click();
      await tab.shows('No hooks yet.');
      await tab.link('Keys').click();
      await tab.page.getByRole('heading', { name: 'Keys' }).waitFor();
    }
  });

  test('a lost connection is told, and one goes on where one was', async () => {
    const { key } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go('/hooks');
    await tab.page.route('**/v1/**', (route) => route.abort('connectionrefused'));
    await tab.link('Events').click();
    await tab.shows('No answer from the relay.');
    await tab.page.unroute('**/v1/**');
    await tab.button('Try again').first().click();
    await tab.shows('No events yet.');
  });

  describe('roles', () => {
    test.each([
      [
        'viewer',
        [
          'Overview',
          'Sources',
          'Hooks',
          'Deliveries',
          'Events',
          'Replay',
          'Live',
          'Keys',
          'Audit',
          'Settings',
        ],
      ],
      ['subscriber', ['Overview', 'Hooks', 'Deliveries', 'Replay']],
    ])('%s', async (role, places) => {
      const { api } = await newTenant(relay);
      const made = (await api.expect(201, 'POST', '/v1/keys', { name: role, role })) as { key: string };
      const own = new Api(relay.url, made.key);
      const hook = await (role === 'viewer' ? api : own).createHook({
        url: receiver.url,
        name: 'theirs',
        paused: true,
      });
      await using tab = await Console.open(browser, relay.url, { key: made.key });
      const refused: string[] = [];
      tab.page.on('response', (response) => {
        if (response.status() === 403) refused.push(response.url());
      });
      await tab.go();
      await tab.page.getByRole('navigation').getByRole('link').first().waitFor();
      expect(await tab.page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(places);
      for (const path of [
        ...places.map((place) => (place === 'Overview' ? '' : `/${place.toLowerCase()}`)),
        `/hooks/${hook.id}`,
      ]) {
        await tab.go(path);
        const buttons = await tab.page.getByRole('button', { name: CHANGES }).allTextContents();
        const links = await tab.page.getByRole('link', { name: CHANGES }).allTextContents();
        // That one holds the view, not a hook.
        const own = path === '/live' ? ['Pause'] : [];
        if (role === 'viewer') expect([path, buttons, links]).toEqual([path, own, []]);
      }
      expect(refused).toEqual([]);
    });

    test('publisher', async () => {
      const { api } = await newTenant(relay);
      const made = (await api.expect(201, 'POST', '/v1/keys', { name: 'p', role: 'publisher' })) as {
        key: string;
      };
      await using tab = await Console.open(browser, relay.url, { key: made.key });
      await tab.go();
      expect(await tab.page.getByRole('navigation').getByRole('link').count()).toBe(0);
      await tab.button('Publish').click();
      await tab.shows(/^Stored as evt_/);
      await tab.isSound();
    });
  });

  test('filters and templates are tried with real events while they are typed', async () => {
    const { key, api } = await newTenant(relay);
    for (const total of [7, 2000])
      await api.expect(202, 'POST', '/v1/events', ownEvent({ subject: `deal/${total}`, data: { total } }));
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go('/hooks/new');
    await tab.shows('Of the newest 2 events it takes 2.');
    await tab.field('Filters').fill('[{"match":{"data":{"total":{"$gte":"many"}}}}');
    await tab.shows(/^Not JSON/);
    await tab.field('Filters').fill('[{"match":{"data":{"total":{"$gte":1000}}}}]');
    await tab.shows('Of the newest 2 events it takes 1.');
    await tab.field('Format').selectOption('template');
    await tab.field('Template').fill('{"text":"{{ subject }} for {{ data.total }}"}');
    const preview = tab.page.getByRole('region', { name: 'Preview' });
    await preview.getByText('deal/2000 for 2000').waitFor();
    await tab.isSound();
  });

  test('a hook is edited: a signature is added, then changed while the mask keeps its secret', async () => {
    const { key, api } = await newTenant(relay);
    const hook = await api.createHook({ url: receiver.url, name: 'signed', paused: true });
    for (const subject of ['a', 'b', 'a'])
      await api.expect(202, 'POST', '/v1/events', ownEvent({ subject, data: {} }));
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go(`/hooks/${hook.id}`);
    await tab.page.getByText('Backlog by subject').first().click();
    const backlog = tab.page.getByRole('region', { name: 'Backlog by subject' });
    await backlog.getByRole('row').nth(2).waitFor();
    const rows = await backlog.getByRole('row').allInnerTexts();
    expect(rows.map((row) => row.split('\t').slice(0, 2))).toEqual([
      ['Subject', 'Waiting'],
      ['a', '2'],
      ['b', '1'],
    ]);
    const toSignatures = async () => {
      await tab.link('Edit').click();
      await tab.page.getByText('Signatures, authentication and headers').click();
    };
    const save = async () => {
      await tab.button('Save').click();
      await tab.page.getByRole('heading', { name: 'signed' }).waitFor();
      return api.expect(200, 'GET', `/v1/hooks/${hook.id}`);
    };
    await toSignatures();
    await tab.button('Add a signature').click();
    await tab.field('Secret of the signature').fill('shared');
    await tab.isSound();
    const made = { header: 'x-hub-signature-256', secret: '***', prefix: 'sha256=', message: ['{body}'] };
    expect(await save()).toMatchObject({ signatures: [made] });
    await toSignatures();
    await tab.field('What is signed').fill('{timestamp}.{body}');
    expect(await save()).toMatchObject({ signatures: [{ ...made, message: ['{timestamp}.{body}'] }] });
  });

  test('a source is edited, and takes the secret that its provider shows', async () => {
    const { key, api } = await newTenant(relay);
    const source = await api.createSource({ provider: 'stripe', name: 'shop', secret: 'whsec_one' });
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go(`/sources/${source.id}`);
    await tab.link('Edit').click();
    await tab.field('Name').fill('store');
    await tab.button('Save').click();
    await tab.page.getByRole('heading', { name: 'store' }).waitFor();
    await tab.button('Change the secret').click();
    await tab.field('The new secret').fill('whsec_two');
    await tab.button('Change it').click();
    await tab.shows('whsec_two');
    expect(await api.expect(200, 'GET', `/v1/sources/${source.id}/secret`)).toEqual({ secret: 'whsec_two' });
  });

  test('many at once: what the filter shows is sent again, and the page says how many', async () => {
    const { key, api } = await newTenant(relay);
    receiver.answerWith({ status: 422 });
    const retry = { scheduleSeconds: [], giveUpOn: [422] };
    const hook = await api.createHook({ url: receiver.url, name: 'bulk', retry });
    const from = receiver.arrivals.length;
    for (const subject of ['person/1', 'person/2'])
      await api.expect(202, 'POST', '/v1/events', ownEvent({ subject, data: {} }));
    await receiver.waitFor(from + 2);
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go(`/deliveries?hook=${hook.id}&status=dead`);
    receiver.answerWith({ status: 200 });
    await tab.button('Send all dead again').click();
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Send all dead again' }).click();
    await tab.shows('2 deliveries are due now.');
    await receiver.waitFor(from + 4);
    await tab.isSound();
  });

  test('settings: payloads of a subject are deleted, and an export is downloaded', async () => {
    const { key, api } = await newTenant(relay);
    for (const subject of ['person/1', 'person/2'])
      await api.expect(202, 'POST', '/v1/events', ownEvent({ subject, data: { subject } }));
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go('/settings');
    await tab.field('Subject').fill('person/1');
    await tab.button('Delete these payloads').click();
    await tab.page.getByRole('dialog').getByRole('button', { name: 'Delete these payloads' }).click();
    await tab.shows('1 event found, 1 deleted.');
    const downloading = tab.page.waitForEvent('download');
    await tab.button('Download the export').click();
    const file = await readFile(await (await downloading).path(), 'utf8');
    const isIn = (subject: string) => file.includes(`"data":{"subject":"${subject}"}`);
    expect(['person/1', 'person/2'].map(isIn)).toEqual([false, true]);
    await tab.isSound();
  });

  test('hostile text is shown as text, cut, with a way to the whole', async () => {
    const { key, api } = await newTenant(relay);
    const hostile = '\u202e<img src=x onerror=alert(1)><script>alert(2)</script>';
    const source = await api.createSource({ provider: 'deskera', name: hostile });
    await api.createHook({ url: receiver.url, name: hostile, paused: true });
    const long = 'y'.repeat(900_000);
    await api.expect(
      202,
      'POST',
      '/v1/events',
      ownEvent({ subject: hostile, data: { long, hostile, end: 'the end' } }),
    );
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const body of [deep, new Uint8Array([0xff, 0xfe, 0x80, 0x41])])
      expect((await arrive(source, body)).status).toBe(200);
    const { data } = (await api.expect(200, 'GET', '/v1/events')) as { data: { posthornid: string }[] };
    await using tab = await Console.open(browser, relay.url, { key });
    for (const path of ['', '/sources', '/hooks', '/events', `/sources/${source.id}`]) {
      await tab.go(path);
    }
    await tab.isSound();
    for (const { posthornid } of data) {
      await tab.go(`/events/${posthornid}`);
      await tab.button('Show the body').click();
      await tab.page.getByRole('region', { name: 'Body' }).waitFor();
    }
    await tab.shows('⟨U+202E⟩<img src=x onerror=alert(1)>');
    const shown = () => tab.page.getByRole('region', { name: 'Body' }).innerText();
    expect((await shown()).length).toBeLessThan(5_000);
    await tab.button(/^Show all/).click();
    expect(await shown()).toContain('the end');
    expect([tab.faults, tab.strangers]).toEqual([[], []]);
  });

  test('replay: counted before the click, and watched', async () => {
    const { key, api } = await newTenant(relay);
    receiver.answerWith({ status: 422 });
    const hook = await api.createHook({
      url: receiver.url,
      name: 'late',
      retry: { scheduleSeconds: [], giveUpOn: [422] },
    });
    const from = receiver.arrivals.length;
    await api.expect(202, 'POST', '/v1/events', ownEvent());
    await api.expect(202, 'POST', '/v1/events', ownEvent());
    await receiver.waitFor(from + 2);
    receiver.answerWith({ status: 200 });
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go(`/replay?hook=${hook.id}`);
    await tab.shows('It queues 2 dead deliveries.');
    await tab.button('Start the replay').click();
    await tab.shows(/2 found, 2 queued/);
    await receiver.waitFor(from + 4);
    await tab.isSound();
  });

  test('live: what arrives is shown as it arrives, and held back while paused', async () => {
    const { key, api } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url, { key });
    await tab.go('/live');
    await tab.shows('Watching.');
    await api.expect(202, 'POST', '/v1/events', ownEvent({ type: 'live.first' }));
    await tab.link('live.first').waitFor();
    await tab.button('Pause').click();
    await api.expect(202, 'POST', '/v1/events', ownEvent({ type: 'live.second' }));
    await tab.shows('Paused; 1 have arrived since.');
    expect(await tab.link('live.second').count()).toBe(0);
    await tab.button('Go on').click();
    await tab.link('live.second').waitFor();
    expect([tab.faults, tab.strangers]).toEqual([[], []]);
  });

  test('keyboard alone: sign in, to the hooks, register one', async () => {
    const { key, api } = await newTenant(relay);
    await using tab = await Console.open(browser, relay.url);
    const { keyboard } = tab.page;
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await keyboard.press('Tab');
        const focused = await tab.page.evaluate<string>(
          `(() => { const e = document.activeElement; return e?.labels?.[0]?.textContent ?? e?.textContent ?? ''; })()`,
        );
        if (focused.trim() === name) return;
      }
      throw new Error(`no way to ${name} by the Tab key`);
    };
    await tab.go();
    await tabTo('Key');
    await keyboard.type(key);
    await keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'Overview' }).waitFor();
    await tabTo('Hooks');
    await keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'Hooks' }).waitFor();
    await tabTo('New hook');
    await keyboard.press('Enter');
    await tab.page.getByRole('heading', { name: 'New hook' }).waitFor();
    await tabTo('URL');
    await keyboard.type(`${receiver.url}/keyboard`);
    await keyboard.press('Enter');
    await tab.page.getByRole('dialog').waitFor();
    await tabTo('To the hook');
    await keyboard.press('Enter');
    await tab.page.getByRole('button', { name: 'Pause' }).waitFor();
    const { data } = (await api.expect(200, 'GET', '/v1/hooks')) as { data: { url: string }[] };
    expect(data.map(({ url }) => url)).toEqual([`${receiver.url}/keyboard`]);
  });

  describe('nobody is kept out of any page, in both themes, and none is wider than a telephone', () => {
    let tab: Console;
    const ids: Record<string, string> = {};
    beforeAll(async () => {
      const tenant = await newTenant(relay);
      receiver.answerWith({ status: 422, body: 'no' });
      const source = await tenant.api.createSource({ provider: 'stripe', name: 'shop', secret: 'whsec_x' });
      await arrive(source, '{}', { 'content-type': 'application/json' });
      const retry = { scheduleSeconds: [600] };
      const hook = await tenant.api.createHook({ url: receiver.url, name: 'sink', retry });
      const from = receiver.arrivals.length;
      const event = (await tenant.api.expect(202, 'POST', '/v1/events', ownEvent())) as { id: string };
      await receiver.waitFor(from + 1);
      Object.assign(ids, { source: source.id, hook: String(hook.id), event: event.id });
      tab = await Console.open(browser, relay.url, { key: relay.adminKey, tenant: tenant.id });
    });
    afterAll(() => tab[Symbol.asyncDispose]());

    test.each([
      ...['', '/sources', '/sources/new', '/sources/{source}', '/hooks', '/hooks/new', '/hooks/{hook}'],
      ...['/hooks/{hook}/edit', '/deliveries', '/deliveries?hook={hook}', '/deliveries/{hook}/{event}'],
      ...['/events', '/events/{event}?hook={hook}', '/replay?hook={hook}', '/live', '/keys', '/audit'],
      ...['/sources/{source}/edit', '/settings', '/switches', '/no-such-page'],
    ])('/console%s', async (path) => {
      await tab.page.setViewportSize({ width: 1280, height: 900 });
      await tab.page.emulateMedia({ colorScheme: 'light' });
      await tab.go(path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? ''));
      const light = await seriousViolations(tab.page);
      await tab.page.emulateMedia({ colorScheme: 'dark' });
      await tab.page.setViewportSize({ width: 390, height: 800 });
      const dark = await seriousViolations(tab.page, ['color-contrast']);
      const isTooWide = await tab.page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
      expect([light, dark, isTooWide]).toEqual([[], [], false]);
      expect([tab.faults, tab.strangers]).toEqual([[], []]);
    });
  });
});

/** What changes something, as far as a page has it. */
const CHANGES =
  /^(New|Register|Connect|Edit|Pause|Resume|Delete|Retry|Cancel|Replay dead|Start|Send a test|Show the secret|Change the secret|Revoke|Send all|Delete these|Save|Erase|Encrypt)/;
