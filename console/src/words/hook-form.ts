/** What somebody types about a hook, and what the relay is sent: only what was changed. Checked by the relay's own rules. */
import { patternsProblems } from '../../../src/core/hook-bounds.ts';
import { parsePattern } from '../../../src/core/pattern.ts';
import { readFilters } from '../../../src/core/filter/filter.ts';
import type { Hook } from '../relay/answers.ts';
import { signatureFormsOf, signaturesIn, signaturesProblem, type SignatureForm } from './signature-form.ts';

/** Every field as text, as it stands in the form. */
export interface HookForm {
  readonly name: string;
  readonly url: string;
  /** One a line, or with commas. */
  readonly events: string;
  /** null: all. */
  readonly sources: readonly string[] | null;
  readonly filters: string;
  readonly format: string;
  readonly templateType: string;
  readonly templateBody: string;
  readonly ordering: string;
  readonly concurrency: string;
  readonly perSecond: string;
  readonly signing: string;
  readonly schedule: string;
  readonly timeoutSeconds: string;
  readonly giveUpOn: string;
  readonly jitter: string;
  readonly disableAfterSeconds: string;
  /** `name: value`, one a line; *** keeps a value. */
  readonly headers: string;
  readonly authType: string;
  readonly authMembers: Readonly<Record<string, string | undefined>>;
  readonly signatures: readonly SignatureForm[];
  readonly keepAnswers: boolean;
  readonly uid: string;
}

export type Problems = Partial<Record<keyof HookForm, string>>;

/** Of each way to log in: its members, and which of them are secrets. */
export const AUTH_MEMBERS: Readonly<
  Record<string, readonly { readonly name: string; readonly isSecret: boolean }[]>
> = {
  none: [],
  bearer: [{ name: 'token', isSecret: true }],
  basic: [
    { name: 'username', isSecret: false },
    { name: 'password', isSecret: true },
  ],
  oauth2: [
    { name: 'tokenUrl', isSecret: false },
    { name: 'clientId', isSecret: false },
    { name: 'clientSecret', isSecret: true },
    { name: 'scope', isSecret: false },
    { name: 'audience', isSecret: false },
    { name: 'credentials', isSecret: false },
  ],
};

export const NEW_HOOK: HookForm = {
  name: '',
  url: '',
  events: '*',
  sources: null,
  filters: '',
  format: 'structured',
  templateType: 'application/json',
  templateBody: '',
  ordering: 'subject',
  concurrency: '1',
  perSecond: '',
  signing: 'hmac',
  schedule:
    '5, 30, 300, 900, 1800, 3600, 7200, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600, 21600',
  timeoutSeconds: '15',
  giveUpOn: '',
  jitter: '0.1',
  disableAfterSeconds: '432000',
  headers: '',
  authType: 'none',
  authMembers: {},
  signatures: [],
  keepAnswers: false,
  uid: '',
};

export function formOf(hook: Hook): HookForm {
  const { type = 'none', ...authMembers }: Readonly<Record<string, string | undefined>> = { ...hook.auth };
  return {
    name: hook.name,
    url: hook.url,
    events: hook.events.join('\n'),
    sources: hook.sources,
    filters: hook.filters.length === 0 ? '' : JSON.stringify(hook.filters, null, 2),
    format: hook.format,
    templateType: hook.template?.contentType ?? NEW_HOOK.templateType,
    templateBody: hook.template?.body ?? '',
    ordering: hook.ordering,
    concurrency: String(hook.concurrency),
    perSecond: hook.rateLimit === null ? '' : String(hook.rateLimit.perSecond),
    signing: hook.signing,
    schedule: hook.retry.scheduleSeconds.join(', '),
    timeoutSeconds: String(hook.retry.timeoutSeconds),
    giveUpOn: hook.retry.giveUpOn.join(', '),
    jitter: String(hook.retry.jitter),
    disableAfterSeconds: String(hook.retry.disableAfterSeconds),
    headers: Object.entries(hook.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    authType: type,
    authMembers,
    signatures: signatureFormsOf(hook),
    keepAnswers: hook.keepAnswers,
    uid: hook.uid ?? '',
  };
}

/** What can be said before the relay is asked. It says the rest when the hook is saved. */
export function problemsOf(form: HookForm): Problems {
  const found: { -readonly [K in keyof HookForm]?: string | null } = {
    url: urlProblem(form.url),
    events: eventsProblem(form.events),
    filters: filtersProblem(form.filters),
    templateBody:
      form.format === 'template' && form.templateBody.trim() === ''
        ? 'A template is needed for this format.'
        : null,
    concurrency: wholeProblem(form.concurrency, 1, 6),
    perSecond: form.perSecond.trim() === '' ? null : wholeProblem(form.perSecond, 1, 1000),
    schedule: numbersProblem(form.schedule, 1, 604_800, 20),
    timeoutSeconds: wholeProblem(form.timeoutSeconds, 1, 30),
    giveUpOn: numbersProblem(form.giveUpOn, 100, 599, 100),
    jitter: fractionProblem(form.jitter, 0.5),
    disableAfterSeconds: wholeProblem(form.disableAfterSeconds, 60, 31_536_000),
    signatures: signaturesProblem(form.signatures),
    headers: headersProblem(form.headers),
    uid:
      form.uid === '' || /^[a-z0-9][a-z0-9._-]{0,62}$/.test(form.uid)
        ? null
        : 'Lower-case letters, digits, dots, hyphens and underscores; up to 63.',
  };
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => typeof problem === 'string'));
}

/** The members of a hook, as the relay is sent them. The form has no problem that `problemsOf` finds. */
export function membersOf(form: HookForm): Record<string, unknown> {
  return {
    name: form.name,
    url: form.url.trim(),
    events: patternsIn(form.events),
    sources: form.sources,
    format: form.format,
    template: form.format === 'template' ? { contentType: form.templateType, body: form.templateBody } : null,
    ordering: form.ordering,
    concurrency: Number(form.concurrency),
    rateLimit: form.perSecond.trim() === '' ? null : { perSecond: Number(form.perSecond) },
    signing: form.signing,
    retry: {
      scheduleSeconds: numbersIn(form.schedule),
      timeoutSeconds: Number(form.timeoutSeconds),
      giveUpOn: numbersIn(form.giveUpOn),
      jitter: Number(form.jitter),
      disableAfterSeconds: Number(form.disableAfterSeconds),
    },
    headers: headersIn(form.headers),
    auth: authIn(form),
    signatures: signaturesIn(form.signatures),
    keepAnswers: form.keepAnswers,
    uid: form.uid === '' ? null : form.uid,
    filters: filtersIn(form.filters),
  };
}

/** A merge patch: what differs, and null for what is gone. */
export function changed(before: HookForm, now: HookForm): Record<string, unknown> {
  const [was, is] = [membersOf(before), membersOf(now)];
  const patch = Object.fromEntries(
    Object.entries(is).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name])),
  );
  if ('headers' in patch) {
    const gone = Object.keys(headersIn(before.headers)).filter((name) => !(name in headersIn(now.headers)));
    patch.headers = { ...headersIn(now.headers), ...Object.fromEntries(gone.map((name) => [name, null])) };
  }
  return patch;
}

export function patternsIn(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function filtersIn(text: string): unknown[] {
  if (text.trim() === '') return [];
  const value: unknown = JSON.parse(text);
  return Array.isArray(value) ? value : [value];
}

function urlProblem(text: string): string | null {
  const url = text.trim();
  if (url === '') return 'Where to? A URL is needed.';
  if (url === 'listen:') return null;
  if (!URL.canParse(url)) return 'Not a URL. It looks like https://example.com/webhooks.';
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return 'A URL with https is needed.';
  if (username !== '' || password !== '')
    return 'No credentials in the URL: there are fields for a login below.';
  return null;
}

function eventsProblem(text: string): string | null {
  const patterns = patternsIn(text);
  if (patterns.length === 0) return 'At least one pattern is needed; * stands for every event.';
  for (const pattern of patterns) {
    const reading = parsePattern(pattern);
    if (!reading.ok) return `${pattern}: expected ${reading.expected}.`;
  }
  const [bound] = patternsProblems('events', patterns);
  return bound === undefined ? null : `Expected ${bound.expected}, got ${bound.got}.`;
}

function filtersProblem(text: string): string | null {
  let filters: unknown[];
  try {
    filters = filtersIn(text);
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const reading = readFilters(filters);
  if (reading.ok) return null;
  return reading.problems
    .map(({ path, expected, got }) => `${path}: expected ${expected}, got ${got}`)
    .join('. ');
}

function numbersIn(text: string): number[] {
  return patternsIn(text).map(Number);
}

function numbersProblem(text: string, least: number, most: number, many: number): string | null {
  const numbers = numbersIn(text);
  if (numbers.length > many) return `At most ${many} of them.`;
  const isFine = numbers.every((number) => Number.isInteger(number) && number >= least && number <= most);
  return isFine ? null : `Whole numbers from ${least} to ${most}, with commas.`;
}

function wholeProblem(text: string, least: number, most: number): string | null {
  const number = Number(text);
  const isFine = text.trim() !== '' && Number.isInteger(number) && number >= least && number <= most;
  return isFine ? null : `A whole number from ${least} to ${most}.`;
}

function fractionProblem(text: string, most: number): string | null {
  const number = Number(text);
  const isFine = text.trim() !== '' && number >= 0 && number <= most;
  return isFine ? null : `A number from 0 to ${most}.`;
}

function headersProblem(text: string): string | null {
  const wrong = lines(text).find((line) => !/^[!#$%&'*+.^_`|~\w-]+:/.test(line));
  return wrong === undefined ? null : 'One header a line, as “name: value”.';
}

function headersIn(text: string): Record<string, string> {
  return Object.fromEntries(
    lines(text).map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function authIn({ authType, authMembers }: HookForm): Record<string, string> | null {
  const members = AUTH_MEMBERS[authType] ?? [];
  if (authType === 'none' || members.length === 0) return null;
  const given = members.flatMap(({ name }) => {
    const value = authMembers[name] ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
  return { type: authType, ...Object.fromEntries(given) };
}
