/**
 * The distribution's Chromium, for the tests of the console. `POSTHORN_CHROMIUM` names another; where it is set, tests
 * fail without it, and where nothing is found, they are skipped for all to see: `describe.skipIf(noBrowser)('…', …)`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const named = process.env.POSTHORN_CHROMIUM ?? '';
const executablePath = named === '' ? PLACES.find((place) => existsSync(place)) : named;

export const noBrowser = executablePath === undefined;
if (noBrowser) {
  console.warn(
    'The tests of the console in a browser are skipped: install Chromium (apt-get install chromium), or name one in POSTHORN_CHROMIUM.',
  );
}

export async function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('there is no Chromium');
  // Its sandbox does not start for root, which CI is; it sees loopback alone.
  return chromium.launch({ executablePath, chromiumSandbox: false });
}

export type { Browser, BrowserContext, Page };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
  }[];
}

/**
 * What of the page as it is now keeps somebody out: each violation that is serious or worse, with its place.
 * @param rules of axe; without them all
 */
export async function seriousViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Not as a script of the page: its policy forbids that.
  await page.evaluate(`globalThis.axe ??= (() => { ${axe}; return globalThis.axe; })()`);
  const options = rules === undefined ? {} : { runOnly: rules };
  const { violations } = await page.evaluate<AxeResult>(
    `axe.run(${JSON.stringify({ ...options, resultTypes: ['violations'] })})`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary = '' }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}
