/** Which extra headers a hook may have: not those that the relay or HTTP sets, and nothing that breaks a header. */
const MAX_HEADERS = 20;
const MAX_HEADER_CHARACTERS = 4096;
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** A member of that name is none in most of what reads JSON: it would be lost on its way. */
export const PROTO = '__proto__';
const REFUSED_HEADER_PREFIXES = ['webhook-', 'ce-', 'posthorn-', 'x-superoffice-', 'proxy-', 'cf-'];
const REFUSED_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Can a header carry it, without line breaks? */
export function isHeaderValue(text: string): boolean {
  return HEADER_VALUE.test(text) && text.length <= MAX_HEADER_CHARACTERS;
}

export interface HeaderProblem {
  /** '': of all of them together. */
  readonly name: string;
  readonly expected: string;
  /** Never a value: it may be a credential. */
  readonly got: string;
}

/** All that is wrong with these headers; a null value is none. */
export function headerProblems(headers: Readonly<Record<string, string | null>>): HeaderProblem[] {
  const entries = Object.entries(headers);
  const problems = entries.flatMap(([name, value]) => [...problemsOf(name, value)]);
  if (entries.length <= MAX_HEADERS) return problems;
  return [{ name: '', expected: `at most ${MAX_HEADERS} headers`, got: `${entries.length}` }, ...problems];
}

function* problemsOf(name: string, value: string | null): Generator<HeaderProblem> {
  const lower = name.toLowerCase();
  if (!HEADER_NAME.test(name) || lower === PROTO) {
    yield { name, expected: 'a header name', got: 'another text' };
  } else if (
    REFUSED_HEADERS.has(lower) ||
    REFUSED_HEADER_PREFIXES.some((prefix) => lower.startsWith(prefix))
  ) {
    yield {
      name,
      expected: 'a header that neither the relay nor HTTP sets itself',
      got: 'a header of that name',
    };
  }
  if (typeof value !== 'string') return;
  if (!HEADER_VALUE.test(value)) {
    const expected = 'text that a header can carry, without line breaks';
    yield { name, expected, got: `a string of ${value.length} characters` };
  } else if (value.length > MAX_HEADER_CHARACTERS) {
    yield { name, expected: `at most ${MAX_HEADER_CHARACTERS} characters`, got: `${value.length}` };
  }
}
