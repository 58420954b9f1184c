/**
 * `npm run console:scale`: the console with 1,000 hooks and 100,000 deliveries, and with 200 events a second in its live
 * view: how long until a page shows its first rows, how long it pauses while somebody scrolls and filters, how much memory
 * it takes. Prints one line a figure with its bound, and ends with 1 if one is not kept. Takes some minutes.
 */
import { existsSync } from 'node:fs';
import { type Page, chromium } from 'playwright-core';
import { ThrowawayRelay } from './demo/throwaway-relay.ts';

const HOOKS = 1_000;
/** Hooks that get every event; the others get none. */
const BUSY = 10;
const EVENTS = 10_000;
const BATCH = 100;
const BATCH_TYPE = 'application/cloudevents-batch+json';
const AT_ONCE = 8;
const LIVE_PER_SECOND = 200;
const LIVE_SECONDS = 30;
const MORE_PAGES = 20;
/** How often each page is opened; the first time its objects may be asleep. */
const ROUNDS = 5;
/** Within a minute hooks have told the log how they stand. */
const SETTLED_MS = 70_000;

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.POSTHORN_CHROMIUM ?? PLACES.find((place) => existsSync(place));
if (executablePath === undefined)
  throw new Error('expected a Chromium in /usr/bin, or one named in POSTHORN_CHROMIUM; got none');

/** In the page: tasks of over 50 ms, and how long it takes from a click until what it asks for is drawn. */
const WATCH = `
  globalThis.pauses = [];
  new PerformanceObserver((list) => pauses.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: 'longtask' });
  const until = (isSo) => new Promise((resolve) => {
    const startedMs = performance.now();
    const look = () => (isSo() ? resolve(performance.now() - startedMs) : requestAnimationFrame(look));
    look();
  });
  const named = (selector, text) =>
    [...document.querySelectorAll(selector)].find((element) => element.textContent.trim() === text);
  globalThis.shownAfter = (place) => {
    named('nav a', place).click();
    return until(() => document.querySelector('h1')?.textContent === place && document.querySelector('tbody tr'));
  };
  globalThis.clicked = (button) => {
    named('button', button).click();
    return until(() => named('button', 'Go on'));
  };
`;

const relay = new ThrowawayRelay();
try {
  const url = await relay.ready();
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    await context.addInitScript((key) => sessionStorage.setItem('posthorn.key', key), relay.adminKey);
    await context.addInitScript(WATCH);
    const page = await context.newPage();
    await seed(url, relay.adminKey);
    console.log('with one hook and one event, to compare with:');
    await pages(page, url);
    await fill(url, relay.adminKey);
    await pages(page, url);
    await scrolling(page, url);
    await live(page, url, relay.adminKey);
  } finally {
    await browser.close();
  }
} finally {
  await relay.remove();
}

function callerOf(url: string, key: string) {
  return async (path: string, body: unknown, contentType = 'application/json') => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': contentType },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  };
}

async function seed(url: string, key: string): Promise<void> {
  const call = callerOf(url, key);
  await call('/v1/hooks', { name: 'first', url: 'listen:' });
  await call('/v1/events', event(0, 0));
}

async function fill(url: string, key: string): Promise<void> {
  const call = callerOf(url, key);
  // Nobody listens, so that everything stays pending.
  await inTurns(HOOKS, (n) =>
    call('/v1/hooks', { name: `hook ${n}`, url: 'listen:', events: n < BUSY ? ['*'] : ['none.*'] }),
  );
  await inTurns(EVENTS / BATCH, (n) =>
    call(
      '/v1/events',
      Array.from({ length: BATCH }, (_, at) => event(n, at)),
      BATCH_TYPE,
    ),
  );
  const untilMs = Date.now() + 300_000;
  for (;;) {
    const response = await fetch(`${url}/v1/stats`, { headers: { authorization: `Bearer ${key}` } });
    const { pending } = (await response.json()) as { pending: number };
    if (pending >= EVENTS * BUSY) break;
    if (Date.now() > untilMs) throw new Error(`expected ${EVENTS * BUSY} pending deliveries, got ${pending}`);
    await wait(2_000);
  }
  await wait(SETTLED_MS);
  console.log(`filled: ${HOOKS} hooks, ${EVENTS * BUSY} deliveries`);
}

function event(n: number, at: number) {
  const id = crypto.randomUUID();
  const subject = `thing/${(n * BATCH + at) % 500}`;
  return {
    specversion: '1.0',
    id,
    source: '/scale',
    type: `scale.thing.happened${at % 7}`,
    subject,
    data: { n },
  };
}

async function inTurns(many: number, act: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const turn = async () => {
    for (let n = next++; n < many; n = next++) await act(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}

/** From the click to the first rows. */
async function pages(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console`);
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  const paint = await page.evaluate<number>(
    `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`,
  );
  report('first paint', paint, 1_000, 'ms');
  for (const place of ['Hooks', 'Deliveries', 'Events']) {
    const rounds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
      // What the overview asks for is over by then.
      await wait(2_000);
      rounds.push(await page.evaluate<number>(`shownAfter(${JSON.stringify(place)})`));
    }
    const median = rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? -1;
    const all = rounds.map((ms) => Math.round(ms)).join(', ');
    report(`first page of ${place}, median of ${all}`, median, 300, 'ms');
  }
}

async function scrolling(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/console/deliveries`);
  await page.locator('tbody tr').first().waitFor();
  await page.evaluate('pauses.length = 0');
  for (let more = 0; more < MORE_PAGES; more += 1) {
    const rows = await page.locator('tbody tr').count();
    await page.getByRole('button', { name: 'Show more' }).click();
    await until(page, `document.querySelectorAll('tbody tr').length > ${rows}`);
    await page.mouse.wheel(0, 1_500);
    await wait(100);
  }
  for (let step = 0; step < 40; step += 1) {
    await page.mouse.wheel(0, step % 2 === 0 ? 6_000 : -5_000);
    await wait(30);
  }
  const rows = await page.locator('tbody tr').count();
  report(`longest pause while ${rows} deliveries are scrolled`, await longestPause(page), 100, 'ms');
  await page.getByLabel('Type', { exact: true }).pressSequentially('scale.thing.happened3');
  await page.getByRole('button', { name: 'Search' }).click();
  await until(page, `new URL(location.href).searchParams.get('type') === 'scale.thing.happened3'`);
  await page.locator('tbody tr').first().waitFor();
  report('longest pause while they are filtered', await longestPause(page), 100, 'ms');
}

async function live(page: Page, url: string, key: string): Promise<void> {
  await page.goto(`${url}/console/live`);
  await page.getByText('Watching.').waitFor();
  await page.evaluate('pauses.length = 0');
  const startedMs = Date.now();
  let sent = 0;
  while (Date.now() - startedMs < LIVE_SECONDS * 1000) {
    const due = Math.floor(((Date.now() - startedMs) / 1000) * LIVE_PER_SECOND) - sent;
    const many = Math.min(due, BATCH);
    if (many > 0) {
      const body = JSON.stringify(Array.from({ length: many }, (_, at) => event(sent, at)));
      const headers = { authorization: `Bearer ${key}`, 'content-type': BATCH_TYPE };
      await (await fetch(`${url}/v1/events`, { method: 'POST', headers, body })).body?.cancel();
      sent += many;
    }
    await wait(20);
  }
  console.log(`live: ${sent} events in ${LIVE_SECONDS} s`);
  report('longest pause of the live view', await longestPause(page), 100, 'ms');
  const clickMs = await page.evaluate<number>('clicked("Pause")');
  report('from the click on Pause until it is paused', clickMs, 100, 'ms');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0;
  report('memory of the live view', heap / 2 ** 20, 100, 'MB');
}

/** Asked from outside: the page's policy lets nothing be evaluated within. */
async function until(page: Page, isSo: string): Promise<void> {
  while (!(await page.evaluate<boolean>(isSo))) await wait(20);
}

async function longestPause(page: Page): Promise<number> {
  return page.evaluate<number>('Math.max(0, ...pauses.splice(0))');
}

function report(what: string, value: number, bound: number, unit: string): void {
  const isKept = value >= 0 && value <= bound;
  if (!isKept) process.exitCode = 1;
  console.log(`${isKept ? 'kept' : 'MISSED'}  ${what}: ${Math.round(value)} ${unit}, bound ${bound} ${unit}`);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
