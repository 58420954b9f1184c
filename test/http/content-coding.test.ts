import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodedBody } from '../../src/http/content-coding.ts';

const BODY = new TextEncoder().encode('{"Event":"contact.changed","PrimaryKey":9007199254740993}');
const MAX_BYTES = 1_000_000;

describe('C3: a compressed body', () => {
  it.each([
    ['gzip', gzipSync(BODY)],
    ['GZIP', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['deflate', deflateRawSync(BODY)],
    ['br', brotliCompressSync(BODY)],
    ['gzip, br', brotliCompressSync(gzipSync(BODY))],
    ['identity, gzip ,identity', gzipSync(BODY)],
    ['identity', BODY],
    ['', BODY],
    [null, BODY],
  ])('of %s is decoded', (header, bytes) => {
    expect(decodedBody(bytes, header, MAX_BYTES)).toEqual({ kind: 'decoded', body: BODY });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('of %s is counted decoded, up to the cap and not a byte beyond', (header, compress) => {
    const large = new Uint8Array(MAX_BYTES);
    expect(decodedBody(compress(large), header, MAX_BYTES)).toMatchObject({ kind: 'decoded' });
    expect(decodedBody(compress(new Uint8Array(MAX_BYTES + 1)), header, MAX_BYTES)).toEqual({
      kind: 'too-large',
    });
  });

  it('that would grow to a thousand times its size is stopped at the cap', () => {
    const bomb = gzipSync(gzipSync(new Uint8Array(60_000_000)));
    expect(bomb.byteLength).toBeLessThan(10_000);
    const startedAt = performance.now();
    expect(decodedBody(bomb, 'gzip, gzip', MAX_BYTES)).toEqual({ kind: 'too-large' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it.each([
    ['gzip', 'no gzip at all'],
    ['deflate', 'no deflate'],
    ['br', 'no brotli at all'],
  ])('that is none of %s is malformed', (header, text) => {
    const bytes = new TextEncoder().encode(text);
    expect(decodedBody(bytes, header, MAX_BYTES)).toEqual({ kind: 'malformed', coding: header });
  });

  it('that breaks off is malformed', () => {
    const whole = gzipSync(BODY);
    expect(decodedBody(whole.subarray(0, whole.length - 9), 'gzip', MAX_BYTES)).toMatchObject({
      kind: 'malformed',
    });
  });

  it('of another coding is not read, and empty ones are empty', () => {
    expect(decodedBody(BODY, 'zstd', MAX_BYTES)).toEqual({ kind: 'unsupported', coding: 'zstd' });
    expect(decodedBody(BODY, 'gzip, compress', MAX_BYTES)).toEqual({
      kind: 'unsupported',
      coding: 'compress',
    });
    expect(decodedBody(BODY, 'gzip, gzip, gzip, gzip', MAX_BYTES)).toMatchObject({ kind: 'unsupported' });
    expect(decodedBody(new Uint8Array(), 'gzip', MAX_BYTES)).toEqual({
      kind: 'decoded',
      body: new Uint8Array(),
    });
  });
});
