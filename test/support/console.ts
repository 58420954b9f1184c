/** The console in a browser, as somebody uses it who sees roles, names and words. */
import { expect } from 'vitest';
import { type Browser, type BrowserContext, type Page, seriousViolations } from './browser.ts';

interface ConsoleOptions {
  readonly key?: string;
  readonly tenant?: string;
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
}

export class Console implements AsyncDisposable {
  readonly page: Page;
  /** What the page did that it must not: uncaught errors, and what its policy refused. */
  readonly faults: string[] = [];
  /** Where it went, beside the relay. */
  readonly strangers: string[] = [];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    page.on('pageerror', (error) => this.faults.push(String(error)));
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedHTML/i.test(message.text())) this.faults.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`)) this.strangers.push(request.url());
    });
  }

  /** A tab of its own. With a key it is signed in. */
  static async open(browser: Browser, url: string, options: ConsoleOptions = {}): Promise<Console> {
    const { width = 1280, colorScheme = 'light', key, tenant } = options;
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const tab = new Console(context, page, url);
    if (key !== undefined) {
      await page.addInitScript(
        ([name, value]) => {
          if (sessionStorage.getItem('seeded') !== null) return;
          sessionStorage.setItem('seeded', 'yes');
          sessionStorage.setItem('posthorn.key', name ?? '');
          if (value !== undefined && value !== '') sessionStorage.setItem('posthorn.tenant', value);
        },
        [key, tenant ?? ''],
      );
    }
    return tab;
  }

  /** Goes to a path below /console, and waits for its heading and for what it loads. */
  async go(path = ''): Promise<void> {
    await this.page.goto(`${this.#url}/console${path}`);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.getByRole('heading', { level: 1 }).waitFor();
    await this.page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name });
  }

  link(name: string | RegExp) {
    return this.page.getByRole('link', { name, exact: true });
  }

  field(label: string | RegExp) {
    return this.page.getByLabel(label, { exact: true });
  }

  async shows(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  /** No page lets anything of a stranger run or goes anywhere else, and nobody is kept out. */
  async isSound(): Promise<void> {
    expect(this.faults).toEqual([]);
    expect(this.strangers).toEqual([]);
    expect(await seriousViolations(this.page)).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#context.close();
  }
}
