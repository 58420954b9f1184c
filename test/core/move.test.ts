import { describe, expect, test } from 'vitest';
import { HOOK_DEFAULTS, MASK, type HookConfig, type HookPatch } from '../../src/core/hook-config.ts';
import { movedHook } from '../../src/core/move.ts';
import { calledUrl, isSameReceiver, keptSpelling, urlAsSent } from '../../src/core/url-spelling.ts';

const HOOK: HookConfig = {
  ...HOOK_DEFAULTS,
  url: 'https://a.example.com/hook',
  headers: { authorization: 'Bearer old', 'x-other': 'old' },
};
const ELSEWHERE = 'https://b.example.com/hook';

function moved(patch: HookPatch): [headers: HookConfig['headers'], dropped: readonly string[]] {
  const { config, dropped } = movedHook(HOOK, patch);
  return [config.headers, dropped];
}

describe('D8: a hook that goes to another host', () => {
  test.each<[string, HookPatch, Record<string, string>, string[]]>([
    ['leaves its headers behind', { url: ELSEWHERE }, {}, ['headers']],
    [
      'the mask stands for none',
      { url: ELSEWHERE, headers: { authorization: MASK, 'x-other': MASK } },
      {},
      ['headers'],
    ],
    [
      'takes those that are sent along',
      { url: ELSEWHERE, headers: { Authorization: 'Bearer new' } },
      { authorization: 'Bearer new' },
      ['headers'],
    ],
    [
      'drops nothing where each is sent anew or taken away',
      { url: ELSEWHERE, headers: { authorization: 'Bearer new', 'X-Other': null } },
      { authorization: 'Bearer new' },
      [],
    ],
    ['nor where all are taken away', { url: ELSEWHERE, headers: null }, {}, []],
    [
      'new names come along',
      { url: ELSEWHERE, headers: { 'x-new': 'new' } },
      { 'x-new': 'new' },
      ['headers'],
    ],
  ])('%s', (_name, patch, headers, dropped) => {
    expect(moved(patch)).toEqual([headers, dropped]);
  });

  test('one without headers has nothing to drop', () => {
    expect(movedHook({ ...HOOK, headers: {} }, { url: ELSEWHERE }).dropped).toEqual([]);
  });

  test('everything else of the patch counts as ever', () => {
    const { config } = movedHook(HOOK, { url: ELSEWHERE, name: 'moved', paused: true });
    expect(config).toEqual({ ...HOOK, url: ELSEWHERE, name: 'moved', paused: true, headers: {} });
  });
});

test('D8: a hook that stays with its receiver keeps its headers', () => {
  for (const url of ['https://a.example.com/other?x=1#y', 'https://A.example.com:443/hook', undefined]) {
    expect(moved({ url, headers: { 'x-other': MASK } })).toEqual([HOOK.headers, []]);
  }
});

test.each<[string, string, boolean]>([
  ['https://a.com/x', 'https://a.com/y', true],
  ['https://a.com/', 'https://a.com:443/', true],
  ['https://a.com/', 'https://A.COM/', true],
  ['http://a.com/', 'http://a.com/x', true],
  ['http://localhost:80/', 'http://localhost/', true],
  ['https://a.com/', 'https://b.com/', false],
  ['https://a.com/', 'https://x.a.com/', false],
  ['https://a.com/', 'https://a.com:8443/', false],
  ['http://127.0.0.1:9000/', 'http://127.0.0.1:9001/', false],
  ['https://a.com/', 'http://a.com/', false],
  ['https://a.com/', 'http://a.com:443/', false],
  ['script', 'script', true],
  ['script', 'https://a.com/', false],
])('D8: %s and %s are the same receiver: %s', (before, after, isSame) => {
  expect(isSameReceiver(before, after)).toBe(isSame);
});

describe('D8: a URL is kept in the spelling in which it is called', () => {
  test.each([
    [' https://example.com ', 'https://example.com/'],
    ['https://exa\tmple.com/a\nb', 'https://example.com/ab'],
    ['https://127.0.0.1\\@example.com/', 'https://127.0.0.1/@example.com/'],
    ['HTTPS://EXAMPLE.com:443/a/../b c', 'https://example.com/b%20c'],
    ['https://bücher.example.com/', 'https://xn--bcher-kva.example.com/'],
    ['no url', 'no url'],
  ])('%j as %j', (sent, called) => {
    expect(calledUrl(sent)).toBe(called);
  });

  test('and shown to its dialect as it was sent, until the native API changes it', () => {
    const sent = 'https://EXAMPLE.com';
    const dialect = { kind: 'deskera', eventType: 'x', ...keptSpelling(sent) } as const;
    expect(urlAsSent({ url: calledUrl(sent), dialect })).toBe(sent);
    expect(urlAsSent({ url: ELSEWHERE, dialect })).toBe(ELSEWHERE);
    expect(keptSpelling(ELSEWHERE)).toEqual({});
    expect(urlAsSent({ url: ELSEWHERE, dialect: { kind: 'native' } })).toBe(ELSEWHERE);
  });
});
