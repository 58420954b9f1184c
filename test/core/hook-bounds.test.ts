import { describe, expect, test } from 'vitest';
import { boundProblems, patternsProblems } from '../../src/core/hook-bounds.ts';
import { HOOK_DEFAULTS, type HookConfig, type SuperofficeMembers } from '../../src/core/hook-config.ts';

const HOOK: HookConfig = { ...HOOK_DEFAULTS, url: 'https://example.com/' };
const WEBHOOK: SuperofficeMembers = {
  type: 'webhook',
  events: ['contact.created'],
  properties: null,
  secret: null,
  errorsEmail: null,
  headerNames: null,
};

const native = (members: Partial<HookConfig>): HookConfig => ({ ...HOOK, ...members });
const superoffice = (members: Partial<SuperofficeMembers>, config: Partial<HookConfig> = {}): HookConfig => ({
  ...HOOK,
  ...config,
  dialect: { kind: 'superoffice', ...WEBHOOK, ...members },
});
const membersOf = (config: HookConfig, before: HookConfig | null = null) =>
  boundProblems(config, before).map(({ member, index }) => (index === null ? member : `${member}/${index}`));

const urlOf = (characters: number) => 'https://example.com/'.padEnd(characters, 'x');
const patterns = (count: number, characters: number) =>
  Array.from({ length: count }, (_, at) => `${at}.`.padEnd(characters, 'x'));
/** With as many bytes of JSON as given. */
const sized = (bytes: number): HookConfig => {
  const empty = JSON.stringify(superoffice({ properties: { text: '' } })).length;
  return superoffice({ properties: { text: 'x'.repeat(bytes - empty) } });
};

/** Its body is bounded where templates are read. */
const templateOf = (bytes: number) => ({ contentType: 'text/plain', body: 'x'.repeat(bytes) });

describe('A2: a registration is bounded', () => {
  test.each([
    ['as it comes', HOOK, []],
    ['a URL of 4,000 characters', native({ url: urlOf(4000) }), []],
    ['a longer one', native({ url: urlOf(4001) }), ['url']],
    ['400 patterns', native({ events: patterns(400, 20) }), []],
    ['one more', native({ events: patterns(401, 5) }), ['events']],
    ['patterns of 8,000 characters', native({ events: patterns(20, 400) }), []],
    ['one more', native({ events: [...patterns(20, 400), 'x'] }), ['events']],
    ['16 segments', native({ events: ['a', 'a' + '.b'.repeat(15)] }), []],
    ['17 segments', native({ events: ['a', 'a' + '.*'.repeat(16)] }), ['events/1']],
    ['64 KiB', sized(65_536), []],
    ['one byte more', sized(65_537), ['properties']],
    ['the largest template beside everything else', { ...sized(65_470), template: templateOf(65_536) }, []],
    [
      'what stands beside it counts all the same',
      { ...sized(65_530), template: templateOf(1) },
      ['properties'],
    ],
    ['headers', native({ headers: { a: 'ä'.repeat(33_000) } }), ['headers']],
    [
      'two members',
      superoffice({ properties: { a: 'x'.repeat(40_000) } }, { headers: { a: 'x'.repeat(30_000) } }),
      ['properties'],
    ],
  ])('%s', (_name, config, problems) => {
    expect(membersOf(config)).toEqual(problems);
  });

  test('an event name of SuperOffice’s counts as it was sent', () => {
    const events = patterns(400, 9).map((name) => `superoffice.${name}`);
    expect(membersOf(superoffice({}, { events }))).toEqual([]);
    expect(membersOf(native({ events }))).toEqual(['events']);
  });

  test('each problem says what was expected and what came', () => {
    expect(boundProblems(native({ url: urlOf(4001), events: patterns(401, 5) }), null)).toEqual([
      { member: 'url', index: null, expected: 'a URL of at most 4000 characters', got: '4001' },
      { member: 'events', index: null, expected: 'at most 400 patterns', got: '401' },
    ]);
    expect(boundProblems(sized(70_000), null)).toEqual([
      {
        member: 'properties',
        index: null,
        expected: 'a registration of at most 65536 bytes as JSON',
        got: expect.stringMatching(/^70000, \d{5} of them here$/) as string,
      },
    ]);
  });
});

describe('A2: what was registered before there were bounds', () => {
  const old = superoffice(
    { properties: { text: 'x'.repeat(900_000) } },
    { url: urlOf(9_000), events: patterns(400, 300) },
  );

  test('can be changed in anything that is not too large', () => {
    expect(membersOf({ ...old, paused: true }, old)).toEqual([]);
    expect(membersOf({ ...old, url: urlOf(20), name: 'new' }, old)).toEqual([]);
    expect(membersOf({ ...old, dialect: { kind: 'superoffice', ...WEBHOOK } }, old)).toEqual([]);
  });

  test('is refused only for what a change makes larger', () => {
    expect(membersOf({ ...old, url: urlOf(8_999) }, old)).toEqual(['url']);
    expect(membersOf({ ...old, events: [...old.events].reverse() }, old)).toEqual(['events']);
    expect(membersOf({ ...old, headers: { a: 'x' } }, old)).toEqual(['headers']);
  });
});

test('a list of patterns is bounded wherever it stands', () => {
  expect(patternsProblems('types', ['a', 'b'.repeat(400)])).toEqual([]);
  expect(patternsProblems('types', patterns(21, 400)).map(({ member }) => member)).toEqual(['types']);
});
