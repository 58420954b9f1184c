/** A hook whose headers no delivery could carry is refused when it is registered. */
import { expect, test } from 'vitest';
import { HOOK_DEFAULTS, type HookConfig } from '../../src/core/hook-config.ts';
import { shapeProblems } from '../../src/core/hook-shape.ts';

const HOOK: HookConfig = { ...HOOK_DEFAULTS, url: 'https://example.com/' };
const headers = (count: number, characters: number): HookConfig['headers'] =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-h-${at}`, 'v'.repeat(characters)]));
const pathsOf = (config: Partial<HookConfig>, before: HookConfig | null = null) =>
  shapeProblems({ ...HOOK, ...config }, before).map(({ member, path, got }) => [member, path, got]);

test('headers of 30 KiB with their names are taken, one byte more is not', () => {
  expect(pathsOf({ headers: headers(7, 4096) })).toEqual([]);
  const full = { ...headers(7, 4096), y: 'v'.repeat(30_720 - 7 * (4096 + 5) - 1) };
  expect(pathsOf({ headers: full })).toEqual([]);
  expect(pathsOf({ headers: { ...full, y: `${full.y}v` } })).toEqual([['headers', '/headers', '30721']]);
});

test('what a hook says of itself to its receiver counts with them', () => {
  const auth = { type: 'basic', username: 'u', password: 'p'.repeat(4096) } as const;
  expect(pathsOf({ headers: headers(7, 4096), auth })).toEqual([
    ['headers', '/headers', expect.any(String) as string],
  ]);
  expect(pathsOf({ headers: headers(5, 4096), auth })).toEqual([]);
});

test('what is no login is told of as such', () => {
  const auth = { token: 'x' } as unknown as HookConfig['auth'];
  expect(pathsOf({ auth: auth ?? null })).toEqual([['auth', '/auth/type', 'nothing']]);
});

test('what was registered before stays manageable', () => {
  const before: HookConfig = { ...HOOK, headers: headers(9, 4096) };
  expect(pathsOf({ headers: before.headers, name: 'other' }, before)).toEqual([]);
});
