/** What stands behind `|` in a template: a change of the text that was found. Null: there is no such text then. */

export type Filter = (text: string) => string | null;

/** HubSpot signs its URL with these escapes decoded, once, and no others. */
const UNESCAPED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

const PLAIN: Readonly<Record<string, Filter>> = {
  s: (text) => timeOf(text, 1000),
  ms: (text) => timeOf(text, 1),
  lower: (text) => text.toLowerCase(),
  unescape: (text) => text.replace(UNESCAPED, decodeURIComponent),
};

const WITH_ARGUMENT: Readonly<Record<string, (argument: string) => Filter>> = {
  before: (mark) => (text) => {
    const at = text.lastIndexOf(mark);
    return at === -1 ? null : text.slice(0, at);
  },
  after: (mark) => (text) => {
    const at = text.lastIndexOf(mark);
    return at === -1 ? null : text.slice(at + mark.length);
  },
  'before-first': (mark) => (text) => {
    const at = text.indexOf(mark);
    return at === -1 ? null : text.slice(0, at);
  },
  'after-first': (mark) => (text) => {
    const at = text.indexOf(mark);
    return at === -1 ? null : text.slice(at + mark.length);
  },
  prefix: (front) => (text) => front + text,
  suffix: (back) => (text) => text + back,
};

/** The one that says what stands in for a text that is absent. */
const DEFAULT = 'default';

export const FILTERS = [
  ...Object.keys(PLAIN),
  ...Object.keys(WITH_ARGUMENT).map((name) => `${name}:x`),
  `${DEFAULT}:x`,
].join(', ');

export type ParsedFilter =
  { readonly kind: 'change'; readonly change: Filter } | { readonly kind: 'default'; readonly text: string };

/** Null: there is no filter of that name, or its argument is missing, or one too many. */
export function parseFilter(text: string): ParsedFilter | null {
  const colon = text.indexOf(':');
  if (colon === -1) {
    const change = Object.hasOwn(PLAIN, text) ? PLAIN[text] : undefined;
    return change === undefined ? null : { kind: 'change', change };
  }
  const [name, argument] = [text.slice(0, colon), text.slice(colon + 1)];
  if (name === DEFAULT) return { kind: 'default', text: argument };
  const withArgument = Object.hasOwn(WITH_ARGUMENT, name) ? WITH_ARGUMENT[name] : undefined;
  return withArgument === undefined || argument === ''
    ? null
    : { kind: 'change', change: withArgument(argument) };
}

const UNIX_TIME = /^\d{1,15}(\.\d{1,9})?$/;
/** The end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;

/** Unix time → RFC 3339. */
function timeOf(text: string, unitMs: number): string | null {
  const timeMs = UNIX_TIME.test(text) ? Number(text) * unitMs : NaN;
  return timeMs <= MAX_TIME_MS ? new Date(timeMs).toISOString() : null;
}
