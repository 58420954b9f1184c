/**
 * How large a registration may be, whichever API it comes through. What lies in storage from before a bound was set stays
 * readable, and a change is refused only for what it makes larger.
 */
import type { HookConfig } from './hook-config.ts';
import { segmentsOf } from './pattern.ts';
import { urlAsSent } from './url-spelling.ts';

/**
 * As JSON in UTF-8: URL, headers, patterns, properties and everything else that is configured, but for the body of a
 * template. That may have as many bytes by itself, and would leave no room for a URL.
 */
export const MAX_REGISTRATION_BYTES = 64 * 1024;
export const MAX_URL_CHARACTERS = 4_000;
export const MAX_PATTERNS = 400;
const MAX_PATTERN_SEGMENTS = 16;
const MAX_PATTERNS_CHARACTERS = 8_000;
/** What the relay itself puts in front of an event name of SuperOffice's. */
const SUPEROFFICE_PREFIX = 'superoffice.';

export interface BoundProblem {
  /** Of the configuration, or of its dialect. */
  readonly member: string;
  /** Of an item, where the member is a list and one of its items is meant. */
  readonly index: number | null;
  /** JSON Pointer into the hook, where member and index do not say it all. */
  readonly path?: string;
  readonly expected: string;
  readonly got: string;
}

/** All that is too large in a configuration. `before`: what it replaces; null: nothing. */
export function boundProblems(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  const found = [...urlProblems(config, before), ...eventsProblems(config, before)];
  const tooLarge = sizeProblems(config, before).filter(
    ({ member }) => !found.some((problem) => problem.member === member),
  );
  return [...found, ...tooLarge];
}

/** The same of a list of patterns alone. */
export function patternsProblems(member: string, patterns: readonly string[]): BoundProblem[] {
  if (patterns.length > MAX_PATTERNS) {
    return [problem(member, `at most ${MAX_PATTERNS} patterns`, `${patterns.length}`)];
  }
  const problems = patterns.flatMap((pattern, index) => {
    const segments = segmentsOf(pattern).length;
    if (segments <= MAX_PATTERN_SEGMENTS) return [];
    return [{ ...problem(member, `at most ${MAX_PATTERN_SEGMENTS} segments`, `${segments}`), index }];
  });
  const characters = patterns.reduce((sum, pattern) => sum + pattern.length, 0);
  if (characters <= MAX_PATTERNS_CHARACTERS) return problems;
  return [
    ...problems,
    problem(member, `patterns of at most ${MAX_PATTERNS_CHARACTERS} characters in all`, `${characters}`),
  ];
}

/** As it was sent, and as it is called: there what is not ASCII takes several characters. */
function urlProblems(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  const characters = Math.max(config.url.length, urlAsSent(config).length);
  if (characters <= MAX_URL_CHARACTERS || config.url === before?.url) return [];
  return [problem('url', `a URL of at most ${MAX_URL_CHARACTERS} characters`, `${characters}`)];
}

function eventsProblems(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  if (JSON.stringify(config.events) === JSON.stringify(before?.events)) return [];
  return patternsProblems(
    'events',
    config.dialect.kind === 'superoffice' ? asSent(config.events) : config.events,
  );
}

/** SuperOffice's clients know their events without the provider's name, and keep to its bounds. */
function asSent(patterns: readonly string[]): string[] {
  return patterns.map((pattern) =>
    pattern.startsWith(SUPEROFFICE_PREFIX) ? pattern.slice(SUPEROFFICE_PREFIX.length) : pattern,
  );
}

/** Names the largest of the members that have become larger: it is the one to be made smaller. */
function sizeProblems(config: HookConfig, before: HookConfig | null): BoundProblem[] {
  const bytes = bytesOf(counted(config));
  if (bytes <= MAX_REGISTRATION_BYTES || (before !== null && bytes <= bytesOf(counted(before)))) return [];
  const sizesBefore = before === null ? new Map<string, number>() : memberSizes(counted(before));
  let [largest, largestBytes] = ['', 0];
  for (const [member, size] of memberSizes(counted(config))) {
    if (size > largestBytes && size > (sizesBefore.get(member) ?? 0))
      [largest, largestBytes] = [member, size];
  }
  const expected = `a registration of at most ${MAX_REGISTRATION_BYTES} bytes as JSON`;
  return [problem(largest, expected, `${bytes}, ${largestBytes} of them here`)];
}

/** What counts of it. */
function counted(config: HookConfig): HookConfig {
  const { template } = config;
  return template === null || template === undefined
    ? config
    : { ...config, template: { ...template, body: '' } };
}

/** Members of the configuration and of its dialect; where both have one of a name their bytes count together. */
function memberSizes({ dialect, ...members }: HookConfig): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [member, value] of [...Object.entries(members), ...Object.entries(dialect)]) {
    sizes.set(member, (sizes.get(member) ?? 0) + bytesOf(value));
  }
  return sizes;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).byteLength;
}

function problem(member: string, expected: string, got: string): BoundProblem {
  return { member, index: null, expected, got };
}
