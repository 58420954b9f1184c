/** A request's body, however it arrives. */
import { describe, expect, it } from 'vitest';
import { cappedBody } from '../../src/http/body.ts';
import { Refusal } from '../../src/http/problem.ts';

const TEXT = 'a body of some length';

/** Sends these pieces and then does as told. */
function stream(pieces: readonly string[], then: 'ends' | 'stalls' | 'breaks off'): ReadableStream {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  void (async () => {
    for (const piece of pieces) await writer.write(new TextEncoder().encode(piece));
    if (then === 'ends') await writer.close();
    if (then === 'breaks off') await writer.abort(new Error('gone'));
  })().catch(() => undefined);
  return readable;
}

function requestWith(body: BodyInit, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request('https://relay.example.com/', { method: 'POST', body, headers });
}

const textOf = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);
const refusalOf = (body: Promise<unknown>) =>
  body.then(
    () => null,
    (error: unknown) => (error instanceof Refusal ? error : null),
  );

describe.each([
  ['with its length', { 'content-length': String(TEXT.length) }],
  ['in chunks', {}],
])('a body %s', (_, headers) => {
  it('is read whole, in as many pieces as it comes', async () => {
    const request = requestWith(stream([TEXT.slice(0, 5), TEXT.slice(5)], 'ends'), headers);
    expect(textOf(await cappedBody(request, 100))).toBe(TEXT);
  });

  it('D10: that stalls is given up in time: the client is told, and holds nothing open', async () => {
    for (const pieces of [[], [TEXT.slice(0, 5)]]) {
      const refusal = await refusalOf(cappedBody(requestWith(stream(pieces, 'stalls'), headers), 100, 20));
      expect(refusal).toMatchObject({ code: 'invalid', errors: [{ path: '' }] });
    }
  });

  it('D9: that breaks off is the client’s fault', async () => {
    const request = requestWith(stream([TEXT.slice(0, 5)], 'breaks off'), headers);
    expect(await refusalOf(cappedBody(request, 100))).toMatchObject({ code: 'invalid' });
  });
});

it('D10: one that is too large already when it stalls is too large', async () => {
  expect(await cappedBody(requestWith(stream([TEXT], 'stalls')), 10, 20)).toBeNull();
});

it('one of no bytes is one', async () => {
  expect(textOf(await cappedBody(new Request('https://relay.example.com/', { method: 'POST' }), 10))).toBe(
    '',
  );
});
