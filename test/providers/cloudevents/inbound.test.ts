import { describe, expect, test } from 'vitest';
import { cloudevents } from '../../../src/providers/cloudevents/inbound.ts';
import { arrived } from '../arrived.ts';

const TOKEN = 'a-token';

function verdict(headers: Readonly<Record<string, string>>, secrets = [TOKEN], query = '') {
  const request = arrived('{}', headers);
  return cloudevents.verify({ ...request, url: request.url + query }, secrets, 0);
}

describe('what a source asks for', () => {
  test('nothing while it has no secret', () => {
    expect(verdict({}, [])).toBe('none');
  });

  test('its token, in the header or in the query', () => {
    expect(verdict({ authorization: `Bearer ${TOKEN}` })).toBe('token');
    expect(verdict({ authorization: `bearer  ${TOKEN}` })).toBe('token');
    expect(verdict({}, [TOKEN], `?access_token=${TOKEN}`)).toBe('token');
    for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, TOKEN])
      expect(verdict({ authorization })).toBe('rejected');
    expect(verdict({}, [TOKEN], '?access_token=')).toBe('rejected');
  });

  test('nothing is its empty secret', () => {
    expect(verdict({ authorization: 'Bearer ' }, [''])).toBe('rejected');
    expect(verdict({}, [''])).toBe('rejected');
    expect(cloudevents.readSecret('')).toMatchObject({ ok: false });
  });

  test('either while a token gives way to a signature', () => {
    const signing = `whsec_${'A'.repeat(32)}`;
    expect(verdict({ authorization: `Bearer ${TOKEN}` }, [signing, TOKEN])).toBe('token');
    expect(verdict({ authorization: `Bearer ${signing}` }, [signing])).toBe('rejected');
  });

  test.each([
    ['a token with space around it', ' abc\n', 'abc'],
    ['a signing secret as senders print it', `v1,whsec_${'A'.repeat(32)}`, `whsec_${'A'.repeat(32)}`],
  ])('takes %s', (_what, text, secret) => {
    expect(cloudevents.readSecret(text)).toMatchObject({ ok: true, secret });
  });

  test.each(['a b', 'é', 'x'.repeat(401), 'whsec_short'])('takes no %j', (text) => {
    expect(cloudevents.readSecret(text)).toMatchObject({ ok: false });
  });
});

describe('the validation request', () => {
  const greeted = (method: string, origin: string) =>
    cloudevents.greet?.({ ...arrived('', { 'webhook-request-origin': origin }), method }, []);

  test('is answered with the origin, at any rate', () => {
    expect(greeted('OPTIONS', 'eventemitter.example.com')).toEqual({
      kind: 'handshake',
      reply: {
        status: 200,
        headers: {
          'webhook-allowed-origin': 'eventemitter.example.com',
          'webhook-allowed-rate': '*',
          allow: 'POST',
        },
        contentType: null,
        body: '',
      },
      secret: null,
    });
  });

  test('is none by another method, or with an origin that is none', () => {
    expect(greeted('POST', 'example.com')).toBeNull();
    for (const origin of ['', '<script>', 'a b', 'a,b']) expect(greeted('OPTIONS', origin)).toBeNull();
  });
});
