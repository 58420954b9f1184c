/** Which values of a hook are taken out of what is kept of its attempts. */
import { expect, test } from 'vitest';
import { HOOK_DEFAULTS } from '../../src/core/hook-config.ts';
import { newSecret } from '../../src/core/signature.ts';
import { writeOnlyOf } from '../../src/hook/write-only.ts';

const [SECRET, FORMER, KEY] = [1, 2, 3].map((fill) => newSecret(new Uint8Array(32).fill(fill))) as [
  string,
  string,
  string,
];
const KEYS = {
  secret: SECRET,
  formerSecrets: [{ text: FORMER, untilMs: 1 }],
  secretKeys: [{ text: KEY, untilMs: null }],
};
const CONFIG = { headers: {}, dialect: HOOK_DEFAULTS.dialect };
const SITE = { url: 'https://crm.example.com', authorization: 'Bearer 8A:Cust1.x', relayHost: '' };

test('credentials that a site says back are not in what is shown of its answer', () => {
  const masked = (text: string, site: Partial<typeof SITE & { appToken: string }>) =>
    writeOnlyOf(CONFIG, KEYS, {
      includeName: 'a',
      site: { ...SITE, appToken: null, ...site },
    }).masking.masked(text);
  const echo = 'got Bearer 8A:Cust1.x for the-app-token, that is 8A:Cust1.x';
  expect(masked(echo, { appToken: 'the-app-token' })).toBe('got *** for ***, that is ***');
  expect(masked('a text', { authorization: 'Basic e', appToken: 't' })).toBe('a text');
});

test('B9: secrets of the hook, former ones and key pairs among them, and that of its dialect', () => {
  const dialect = {
    kind: 'superoffice',
    type: 'webhook',
    events: [],
    properties: null,
    secret: 'signs in their way',
    errorsEmail: null,
    headerNames: null,
  } as const;
  const { masking } = writeOnlyOf({ ...CONFIG, dialect }, KEYS, null);
  expect(masking.masked([SECRET, FORMER, KEY, 'signs in their way'].join(' '))).toBe('*** *** *** ***');
});

test('B9: headers of the hook, by name and by value; those of negotiation stay', () => {
  const headers = { 'x-key': 'a-long-key', accept: 'application/json' };
  const { masking, names } = writeOnlyOf({ ...CONFIG, headers }, KEYS, null);
  expect(names.has('x-key')).toBe(true);
  expect(names.has('accept')).toBe(false);
  expect(masking.masked('{"type":"application/json","key":"a-long-key"}')).toBe(
    '{"type":"application/json","key":"***"}',
  );
});

test('a changed configuration counts at once, also where the keys are the same', () => {
  const before = writeOnlyOf({ ...CONFIG, headers: { 'x-key': 'the-former-key' } }, KEYS, null);
  const after = writeOnlyOf({ ...CONFIG, headers: { 'x-key': 'the-newer-key' } }, KEYS, null);
  expect(before.masking.masked('the-newer-key')).toBe('the-newer-key');
  expect(after.masking.masked('the-newer-key')).toBe('***');
});
