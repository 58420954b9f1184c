import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Masking } from '../../src/core/masking.ts';

const TOKEN = 'sk_live/51H8+"Žluť"<&>~tail0123456789';

const inAscii = (text: string) =>
  text.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
const inBase64 = (text: string, encoding: 'base64' | 'base64url') => {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll('=', '');
  return encoding === 'base64' ? base64 : base64.replaceAll('+', '-').replaceAll('/', '_');
};
const inHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

describe('B9: a value is taken out in every spelling in which programs repeat one', () => {
  const masking = new Masking([`Bearer ${TOKEN}`]);
  test.each([
    ['as it is', `key ${TOKEN}!`, 'key ***!'],
    ['in upper case', TOKEN.toUpperCase(), '***'],
    ['in JSON', JSON.stringify({ token: TOKEN }), '{"token":"***"}'],
    ['in JSON, slashes escaped', JSON.stringify([TOKEN]).replaceAll('/', '\\/'), '["***"]'],
    ['in JSON of ASCII alone', inAscii(JSON.stringify([TOKEN])), '["***"]'],
    ['percent-encoded', `?key=${encodeURIComponent(TOKEN)}&n=1`, '?key=***&n=1'],
    ['percent-encoded in lower case', `?key=${encodeURIComponent(TOKEN).toLowerCase()}`, '?key=***'],
    ['in a form', new URLSearchParams({ token: TOKEN, n: '1' }).toString(), 'token=***&n=1'],
    ['in HTML', `<p>${inHtml(TOKEN)}</p>`, '<p>***</p>'],
  ])('%s', (_name, text, shown) => {
    expect(masking.masked(text)).toBe(shown);
  });

  test.each(['base64', 'base64url'] as const)(
    'in %s of a longer text, wherever it stands in that',
    (encoding) => {
      for (const before of ['', 'x', 'xx', 'token: ']) {
        const text = inBase64(`${before}${TOKEN}, and more`, encoding);
        const shown = masking.masked(text);
        const [start = '', end = ''] = shown.split('***');
        expect(text.startsWith(start) && text.endsWith(end)).toBe(true);
        // A character at either end also stands for bits of what is beside it.
        expect(atob(start.slice(0, 4 * Math.floor(start.length / 4)))).toBe(
          before.slice(0, 3 * Math.floor(start.length / 4)),
        );
        expect(start.length).toBeLessThanOrEqual(Math.ceil((before.length * 8) / 6));
        expect(end.length).toBeLessThanOrEqual(Math.ceil((', and more'.length * 8) / 6) + 1);
      }
    },
  );

  test('the scheme is no secret', () => {
    expect(masking.masked(`authorization: Bearer ${TOKEN}`)).toBe('authorization: ***');
    expect(masking.masked('expected Bearer, got Basic')).toBe('expected Bearer, got Basic');
  });

  test('of a Basic login the password too', () => {
    const login = new Masking([`Basic ${btoa('user:pass-word-1')}`]);
    expect(login.masked('unknown password pass-word-1 of user:pass-word-1')).toBe(
      'unknown password *** of ***',
    );
  });

  test('of a secret also what stands behind its prefix', () => {
    expect(new Masking(['whsec_MDEyMzQ1Njc4OWFi']).masked('key MDEyMzQ1Njc4OWFi!')).toBe('key ***!');
  });
});

describe('B9: a value that is not all there', () => {
  const masking = new Masking(['secret-0123456789-abcdef']);

  test('is taken out where the text is cut inside it', () => {
    for (let length = 4; length < 24; length += 1) {
      const text = `echo: ${'secret-0123456789-abcdef'.slice(0, length)}`;
      expect(masking.masked(text, true)).toBe('echo: ***');
    }
  });

  test('and where the receiver has cut it itself', () => {
    expect(masking.masked('{"authorization":"secret-0123456…"}')).toBe('{"authorization":"***…"}');
  });

  test('but a word that begins like it stays', () => {
    expect(masking.masked('a secret-0 of others')).toBe('a secret-0 of others');
    expect(masking.masked('it ends with secret')).toBe('it ends with secret');
  });
});

describe('short values', () => {
  test('of four to seven characters count where they stand alone', () => {
    expect(new Masking(['prod']).masked('{"env":"prod","product":1}')).toBe('{"env":"***","product":1}');
  });

  test('shorter ones are no secrets', () => {
    expect(new Masking(['yes', '']).masked('yes, "" and yes')).toBe('yes, "" and yes');
  });
});

test('B9: no value survives, wherever it stands and whatever stands around it', () => {
  const value = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 3 }),
      fc.string(),
      fc.string(),
      (values, before, after) => {
        const shown = new Masking(values).masked(`${before}${values.join(after)}${after}`);
        for (const one of values) expect(shown.toLowerCase()).not.toContain(one.toLowerCase());
      },
    ),
    { numRuns: 300 },
  );
});

test('a text without any stays as it is, and a long one is quickly read', () => {
  const masking = new Masking(
    Array.from({ length: 20 }, (_, at) => `Basic ${btoa(`user${at}:${'p'.repeat(3000)}${at}`)}`),
  );
  const text = 'p'.repeat(1000).concat('nothing of interest '.repeat(800));
  const startedMs = performance.now();
  masking.masked(text, true);
  expect(performance.now() - startedMs).toBeLessThan(500);
  expect(new Masking(['a-secret-value']).masked(text)).toBe(text);
});
