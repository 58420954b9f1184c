/** Keys of senders, over hosts that are slow, gone, or have something else. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callProvider, type ProviderAnswer } from '../../src/http/provider-call.ts';
import { SenderKeys } from '../../src/http/sender-key.ts';
import { bytesOfBase64 } from '../../src/core/base64.ts';
import { certificateIn, certificateOf } from '../../src/providers/sender-key/certificate.ts';
import {
  JIRA_KEY_URL,
  PAYPAL_CERTIFICATE_URL,
  SERVED,
  SNS_CERTIFICATE_URL,
} from '../providers/catalogue/sender-keys.ts';

const PEM = SERVED[SNS_CERTIFICATE_URL] ?? '';
const DER = bytesOfBase64(PEM.replace(/-----[A-Z ]+-----|\s/g, ''));

describe('a certificate', () => {
  test.each([SNS_CERTIFICATE_URL, PAYPAL_CERTIFICATE_URL])(
    'has the key and the time that Node reads in it: %s',
    (url) => {
      const text = SERVED[url] ?? '';
      const node = new X509Certificate(text);
      expect(certificateIn(`a word in front\n${text}${PEM}`)).toEqual({
        publicKey: node.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        fromMs: Date.parse(node.validFrom),
        untilMs: Date.parse(node.validTo),
      });
    },
  );

  test('that is cut, longer, or something else is none', () => {
    for (let end = 0; end < DER.length; end += 1) expect(certificateOf(DER.subarray(0, end))).toBeNull();
    expect(certificateOf(Uint8Array.from([...DER, 0]))).toBeNull();
    for (const text of ['', PEM.slice(0, 400), PEM.replace('\n', '!'), SERVED[JIRA_KEY_URL] ?? '', '<html>'])
      expect(certificateIn(text)).toBeNull();
  });

  test('with any byte changed, and any bytes at all, never throw, and give a key or none', () => {
    fc.assert(
      fc.property(fc.nat(DER.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(DER);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const certificate = certificateOf(bytes);
        if (certificate !== null) expect(Number.isFinite(certificate.untilMs)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => certificateOf(bytes) === null));
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => certificateIn(text) === null));
  });
});

describe('what is kept', () => {
  let answer: ProviderAnswer | null;
  let asked: string[];
  let nowMs: number;
  let keys: SenderKeys;
  beforeEach(() => {
    [answer, asked, nowMs] = [{ status: 200, body: PEM }, [], Date.parse('2026-11-01T00:00:00Z')];
    keys = new SenderKeys(
      (url) => {
        asked.push(url);
        return Promise.resolve(answer);
      },
      () => nowMs,
    );
  });

  test('a key for an hour, or as long as it is in force', async () => {
    const key = { kind: 'key', text: certificateIn(PEM)?.publicKey };
    expect(await keys.get('a')).toEqual(key);
    nowMs += 3_599_000;
    expect(await keys.get('a')).toEqual(key);
    expect(asked).toEqual(['a']);
    nowMs += 1_000;
    await keys.get('a');
    expect(asked).toEqual(['a', 'a']);
    nowMs = (certificateIn(PEM)?.untilMs ?? 0) - 1_000;
    expect(await keys.get('b')).toEqual(key);
    nowMs += 1_000;
    expect(await keys.get('b')).toEqual({ kind: 'none' });
    nowMs = Date.parse('2019-01-01T00:00:00Z');
    expect(await keys.get('c')).toEqual({ kind: 'none' });
  });

  test('a public key as it is', async () => {
    answer = { status: 200, body: SERVED[JIRA_KEY_URL] ?? '' };
    const key = await keys.get('a');
    expect(key.kind === 'key' && createPublicKey(key.text).asymmetricKeyType).toBe('rsa');
  });

  test.each([
    ['gone', 404, PEM],
    ['moved', 302, PEM],
    ['HTML', 200, '<html>'],
    ['too large', 200, null],
  ])('a host that has no such key (%s) is asked again after five minutes', async (_what, status, body) => {
    answer = { status, body };
    expect(await keys.get('a')).toEqual({ kind: 'none' });
    nowMs += 299_999;
    await keys.get('a');
    expect(asked).toHaveLength(1);
    nowMs += 1;
    await keys.get('a');
    expect(asked).toHaveLength(2);
  });

  test.each([null, { status: 503, body: '' }, { status: 429, body: '' }])(
    'one that is unwell (%j), after half a minute',
    async (unwell) => {
      answer = unwell;
      expect(await keys.get('a')).toEqual({ kind: 'unavailable' });
      nowMs += 29_999;
      expect(await keys.get('a')).toEqual({ kind: 'unavailable' });
      expect(asked).toHaveLength(1);
      [answer, nowMs] = [{ status: 200, body: PEM }, nowMs + 1];
      expect(await keys.get('a')).toMatchObject({ kind: 'key' });
    },
  );

  test('200 of them, the oldest of which go', async () => {
    for (let at = 0; at <= 200; at += 1) await keys.get(String(at));
    asked = [];
    await keys.get('200');
    await keys.get('1');
    expect(asked).toEqual([]);
    await keys.get('0');
    expect(asked).toEqual(['0']);
  });

  test('30 are asked for at a time, and what never ends counts for ten seconds', async () => {
    const never = new SenderKeys(
      () => new Promise(() => undefined),
      () => nowMs,
    );
    for (let at = 0; at < 30; at += 1) void never.get(String(at));
    expect(await never.get('one more')).toEqual({ kind: 'unavailable' });
    nowMs += 10_000;
    const state = await Promise.race([never.get('later'), Promise.resolve('asked')]);
    expect(state).toBe('asked');
  });
});

describe('a call to a provider', () => {
  let server: Server;
  let answer: RequestListener;
  let paths: string[];
  let arrived: PromiseWithResolvers<void>;
  beforeEach(async () => {
    [paths, arrived] = [[], Promise.withResolvers()];
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      answer(request, response);
      arrived.resolve();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    vi.useRealTimers();
    server.closeAllConnections();
    server.close();
  });

  const call = (targetPolicy: 'any' | 'public' = 'any') => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/key`;
    return callProvider(url, { targetPolicy, ownHosts: [] }, 'relay.test');
  };

  test('gives status and text, and follows no redirect', async () => {
    answer = (_request, response) => response.end('text');
    expect(await call()).toEqual({ status: 200, body: 'text' });
    answer = (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end();
    expect(await call()).toEqual({ status: 302, body: '' });
    expect(paths).toEqual(['/key', '/key']);
  });

  test('obeys the rules of targets', async () => {
    answer = (_request, response) => response.end('text');
    expect(await call('public')).toBeNull();
    expect(paths).toEqual([]);
  });

  test('reads 64 KiB at most', async () => {
    answer = (_request, response) => response.end('x'.repeat(65_537));
    expect(await call()).toEqual({ status: 200, body: null });
  });

  test.each<[string, RequestListener]>([
    ['never answers', () => undefined],
    ['never ends its answer', (_request, response) => response.write('-----BEGIN')],
  ])('ends after 5 s where the host %s', async (_what, slow) => {
    answer = slow;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const waiting = call();
    await arrived.promise;
    vi.advanceTimersByTime(5_000);
    expect(await waiting).toBeNull();
  });

  test('that is cut off gives nothing', async () => {
    answer = (_request, response) => response.destroy();
    expect(await call()).toBeNull();
  });
});
