/**
 * `npm run pictures`: the demo's relay with some trouble added, and the console's pages as the documents show them, in
 * docs/pictures. Needs Chromium, of the distribution or named in POSTHORN_CHROMIUM. Leaves no process and no data behind.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';
import { PRODUCT_CREATED } from './demo/bodies.ts';
import { type Demonstrated, demonstrate, post } from './demo/demonstrate.ts';
import { openInbox } from './demo/inbox.ts';
import { ThrowawayRelay } from './demo/throwaway-relay.ts';
import { withPalette } from './pictures/palette-png.ts';
import { ROOT } from './relay/build-cache.ts';

const FOLDER = join(ROOT, 'docs', 'pictures');
const WIDTH = 1280;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const INVOICES = 6;

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly height: number;
  /** What is to be seen before the picture is taken. */
  readonly shows: string;
}

const executablePath = process.env.POSTHORN_CHROMIUM ?? PLACES.find((place) => existsSync(place));
if (executablePath === undefined)
  throw new Error('expected a Chromium in /usr/bin, or one named in POSTHORN_CHROMIUM; got none');

const inbox = await openInbox();
const relay = new ThrowawayRelay();
try {
  const url = await relay.ready();
  const demo = await demonstrate(url, relay.adminKey, inbox);
  const pictures = await trouble(demo, `${inbox.url}/failing`);
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false });
  try {
    const context = await browser.newContext({
      colorScheme: 'light',
      viewport: { width: WIDTH, height: 800 },
    });
    await context.addInitScript((key) => sessionStorage.setItem('posthorn.key', key), relay.adminKey);
    const page = await context.newPage();
    for (const picture of pictures) await take(page, url, picture);
  } finally {
    await browser.close();
  }
} finally {
  await Promise.all([relay.remove(), inbox.close()]);
}

/** A receiver that fails, a hook that filters, and some events for both: what the console is there to explain. */
async function trouble({ native, deskera }: Demonstrated, failing: string): Promise<Picture[]> {
  const retry = { scheduleSeconds: [3600], jitter: 0 };
  const billing = { name: 'Billing', url: failing, events: ['deskera.*'], retry };
  const filters = [{ match: { data: { raw: { total: { $gte: 1000 } } } } }];
  const deals = { name: 'Large deals', url: failing, filters };
  const { id } = await native<{ id: number }>('/v1/hooks', 201, billing);
  await native('/v1/hooks', 201, deals);
  for (let invoice = 1; invoice <= INVOICES; invoice += 1) {
    const body = JSON.stringify({ id: `inv-${500 + invoice}`, total: 120 * invoice, currency: 'EUR' });
    await post(`${deskera}/CREATE_INVOICE`, body);
  }
  await post(`${deskera}/UPDATE_PRODUCTS`, PRODUCT_CREATED);
  await failed(native, id);
  const { data } = await native<{ data: { posthornid: string; type: string }[] }>('/v1/events', 200);
  const invoice = data.findLast(({ type }) => type === 'deskera.invoice.created')?.posthornid ?? '';
  return [
    { name: 'overview', path: '', height: 900, shows: 'answered 503' },
    { name: 'hook', path: `/hooks/${id}`, height: 980, shows: 'answered 503' },
    { name: 'event', path: `/events/${invoice}?hook=${id + 1}`, height: 760, shows: 'What did not hold' },
    { name: 'delivery', path: `/deliveries/${id}/${invoice}`, height: 760, shows: 'The receiver answered' },
  ];
}

/** Until every delivery of this hook has been tried. */
async function failed(native: Demonstrated['native'], id: number): Promise<void> {
  const untilMs = Date.now() + 30_000;
  while (Date.now() < untilMs) {
    const { stats } = await native<{ stats: { consecutiveFailures: number } }>(`/v1/hooks/${id}`, 200);
    if (stats.consecutiveFailures >= INVOICES) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`expected ${INVOICES} failed attempts of hook ${id} within 30 s`);
}

async function take(page: Page, url: string, { name, path, height, shows }: Picture): Promise<void> {
  await page.setViewportSize({ width: WIDTH, height });
  await page.goto(`${url}/console${path}`);
  await page.getByText(shows).first().waitFor();
  // Charts are drawn after the page.
  await page.waitForLoadState('networkidle');
  const file = join(FOLDER, `${name}.png`);
  await writeFile(file, withPalette(await page.screenshot()));
  console.log(file);
}
