/**
 * What is not quite a sender's request is not taken for one: 100,000 of them, made out of the samples of every provider that
 * checks anything. None is accepted.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { CATALOGUE } from '../../src/providers/catalogue/catalogue.ts';
import type { Description } from '../../src/providers/catalogue/description.ts';
import type { Arrived, Provider } from '../../src/providers/provider.ts';
import { compile } from '../../src/providers/recipe/compile.ts';
import { describedProvider } from '../../src/providers/catalogue/described.ts';
import { keyBytes, publicKey } from '../../src/providers/recipe/key.ts';
import { isFetched } from '../../src/providers/recipe/verify.ts';
import type { Recipe, Spot, Verification } from '../../src/providers/recipe/recipe.ts';
import {
  alternativeOf,
  derOf,
  isSigned,
  resigned,
  signatureText,
  spellingsOf,
  valueAt,
  type SignedRequest,
} from '../support/signing.ts';
import { SAMPLE_TIME, SAMPLE_URL, senderKeyOf, type Sample } from './catalogue/sample.ts';

const INPUTS = 100_000;
const SEED = 20_261_128;

interface Good {
  readonly id: string;
  readonly provider: Provider;
  readonly verification: Exclude<Verification, { scheme: 'none' }>;
  readonly request: SignedRequest;
  readonly secret: string;
  readonly nowMs: number;
}

/** One that must be refused, and what it is. */
interface Forged {
  readonly what: string;
  readonly request: SignedRequest;
  readonly secret?: string;
  readonly nowMs?: number;
}

/** Numbers below `limit`, the same ones in each run. */
let state = SEED;
function below(limit: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
}

const oneOf = <T>(all: readonly T[]): T => all[below(all.length)] as T;

function arrived({ method, url, headers, body }: SignedRequest): Arrived {
  return {
    method,
    url,
    body: new TextEncoder().encode(body),
    headers: new Map(Object.entries(headers)),
    pathEventType: null,
  };
}

function isTaken({ provider, verification, secret, nowMs }: Good, forged: Forged): boolean {
  const secrets = [forged.secret ?? secret];
  const request = arrived(forged.request);
  const known = isFetched(verification) ? { ...request, senderKey: forged.secret ?? secret } : request;
  return provider.verify(known, secrets, forged.nowMs ?? nowMs) !== 'rejected';
}

async function goodOnes(description: Description): Promise<Good[]> {
  const { samples } = (await import(`./catalogue/${description.id}.ts`)) as { samples: readonly Sample[] };
  return samples.flatMap((sample) => {
    const { becomes, at = SAMPLE_TIME } = sample;
    const secret = sample.secret ?? senderKeyOf(sample) ?? null;
    if (secret === null || becomes.kind !== 'events' || becomes.assurance === 'none') return [];
    const lower = Object.entries(sample.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const { body, method = 'POST', url = SAMPLE_URL } = sample;
    const request = { method, url, headers: Object.fromEntries(lower), body };
    const { verify } = recipeOf(description, sample);
    // A value in XML is found by the relay alone.
    const verification = alternativeOf(verify, request) ?? verify[0];
    const provider = describedProvider(description, sample.options ?? {});
    if (provider === null || verification === undefined || verification.scheme === 'none')
      throw new Error(`${description.id}: expected an alternative that verifies ${sample.what}`);
    const nowMs = typeof at === 'number' ? at * 1000 : Date.parse(at);
    const good = { id: description.id, provider, verification, request, secret, nowMs };
    return [{ ...good, request: withoutSpares(good) }];
  });
}

/** Where several headers may each have a good signature, with one of them. */
function withoutSpares(good: Good): SignedRequest {
  const { verification, request } = good;
  const names = verification.scheme === 'basic' ? [] : [verification.signature.header ?? []].flat();
  for (const kept of names) {
    const others = Object.entries(request.headers).filter(
      ([name]) => name === kept.toLowerCase() || !names.some((one) => one.toLowerCase() === name),
    );
    const alone = { ...request, headers: Object.fromEntries(others) };
    if (isTaken(good, { what: '', request: alone })) return alone;
  }
  return request;
}

/** With the sample's options in it. */
function recipeOf({ recipe, options = {}, keys }: Description, sample: Sample): Recipe {
  const defaults = Object.entries(options).map(([name, option]) => [name, option.default ?? ''] as const);
  const given = { ...Object.fromEntries(defaults), ...sample.options };
  const compiling = compile(recipe, given, keys !== undefined);
  if (!compiling.ok) throw new Error(JSON.stringify(compiling.problems));
  return compiling.compiled.recipe;
}

const all = (await Promise.all(CATALOGUE.map(goodOnes))).flat();

/** The bit of a text; only what is printed stays a header. */
function flipped(text: string): string {
  for (;;) {
    const at = below(text.length);
    const code = text.charCodeAt(at) ^ (1 << below(7));
    if (code > 0x20 && code < 0x7f) return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
  }
}

function withValue(
  request: SignedRequest,
  spot: Spot,
  change: (value: string) => string | null,
): SignedRequest | null {
  const value = valueAt(spot, request);
  if (value === null) return null;
  const next = change(value);
  if (spot.header !== undefined) {
    const name =
      [spot.header]
        .flat()
        .map((one) => one.toLowerCase())
        .find((one) => request.headers[one] !== undefined) ?? '';
    const { [name]: _old, ...others } = request.headers;
    return { ...request, headers: next === null ? others : { ...others, [name]: next } };
  }
  if (spot.query !== undefined) {
    const url = new URL(request.url);
    if (next === null) url.searchParams.delete(spot.query);
    else url.searchParams.set(spot.query, next);
    return { ...request, url: url.href };
  }
  // A JSON text with another value in its place; in a form the field is encoded.
  const [from, to] =
    spot.form === undefined
      ? [JSON.stringify(value), JSON.stringify(next)]
      : [encoded(value), encoded(next ?? '')];
  return request.body.includes(from) ? { ...request, body: request.body.replace(from, () => to) } : null;
}

const encoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);

const bare = (secret: string) => secret.replace(/^v1,/, '');

/** Where the request shows what is checked. */
function spotOf({ verification }: Good): Spot {
  return verification.scheme === 'basic' ? { header: 'authorization' } : verification.signature;
}

/** The characters of which each counts. */
function checkedText(good: Good): string {
  const { verification, request, secret } = good;
  if (verification.scheme === 'basic') return (request.headers['authorization'] ?? '').replace(/^Basic /, '');
  if (verification.scheme === 'token') return secret;
  if (verification.scheme !== 'hmac' && verification.scheme !== 'hash')
    return valueAt(verification.signature, request) ?? '';
  return signatureText(verification, request, { secret });
}

function inOtherEncodings(text: string, { verification }: Good): readonly string[] {
  const spellings = isSigned(verification)
    ? [...spellingsOf(text, verification.signature.encoding), `"${text}"`, `${text}==`]
    : [`"${text}"`, `${encodeURIComponent(text)}%20`, `${text}=`, btoa(text)];
  return spellings.filter((other) => other !== text);
}

const KINDS: Readonly<Record<string, (good: Good) => Forged | null>> = {
  'a bit of the body': (good) => {
    const { verification, request } = good;
    const isWhole =
      isSigned(verification) &&
      (verification.content !== undefined ||
        verification.message.some((part) => /\{(body|crc32)/.test(part)));
    if (!isWhole || verification.each === true || request.body === '') return null;
    return { what: 'a bit of the body', request: { ...request, body: flipped(request.body) } };
  },
  'a bit of the key': (good) => {
    const secret = flipped(good.secret);
    const { verification } = good;
    const isSame = (one: Uint8Array | null, other: Uint8Array | null) => String(one) === String(other);
    if (verification.scheme === 'hmac') {
      const form = verification.key ?? 'text';
      if (isSame(keyBytes(good.secret, form), keyBytes(secret, form))) return null;
    } else if (isSigned(verification) && verification.scheme !== 'hash') {
      const numbersOf = (text: string) =>
        JSON.stringify(publicKey(text, verification.scheme)?.export({ format: 'jwk' }) ?? null);
      // What stands around the numbers of a key may be written in several ways.
      if (isSame(derOf(good.secret), derOf(secret)) || numbersOf(good.secret) === numbersOf(secret))
        return null;
    }
    return { what: 'a bit of the key', request: good.request, secret };
  },
  'a bit of the signature': (good) => {
    const text = checkedText(good);
    const request = withValue(good.request, spotOf(good), (value) =>
      value.replace(text, () => flipped(text)),
    );
    return request && { what: 'a bit of the signature', request };
  },
  'another time': (good) => {
    const { verification } = good;
    if (!isSigned(verification) || verification.timestamp === undefined) return null;
    const { toleranceSeconds = 300 } = verification.timestamp;
    if (toleranceSeconds === null) return null;
    const offMs = (toleranceSeconds + 2 + below(100_000)) * 1000;
    return {
      what: 'another time',
      request: good.request,
      nowMs: good.nowMs + (below(2) === 0 ? offMs : -offMs),
    };
  },
  'a header that is not as it was': (good) => {
    const { verification, request } = good;
    const spots: Spot[] = [spotOf(good)];
    if (isSigned(verification)) {
      if (verification.timestamp !== undefined && verification.timestamp.list === undefined)
        spots.push(verification.timestamp);
      if (verification.content !== undefined) spots.push(verification.content);
      for (const part of verification.message)
        for (const [, header = ''] of part.matchAll(/\{header:([^{}|]+)/g)) spots.push({ header });
    }
    const [what, change] = oneOf([
      ['missing', () => null],
      ['empty', () => ''],
      ['doubled', (value: string) => `${value}, ${value}`],
      ['blank', () => '  '],
    ] as const);
    // In HTTP a list that came as two headers is the same list.
    const isList =
      isSigned(verification) &&
      verification.signature.list?.separator.trim() === ',' &&
      verification.signature.list.key === undefined;
    if (what === 'doubled' && isList) return null;
    const changed = withValue(request, oneOf(spots), change);
    return changed && { what: `a header that is ${what}`, request: changed };
  },
  'another encoding': (good) => {
    const text = checkedText(good);
    const other = oneOf(inOtherEncodings(text, good));
    const request = withValue(good.request, spotOf(good), (value) => value.replace(text, () => other));
    return request && request !== good.request ? { what: `another encoding, ${other}`, request } : null;
  },
  'another provider’s request': (good) => {
    const other = oneOf(all);
    if (bare(other.secret) === bare(good.secret)) return null;
    return { what: `a good request of ${other.id}`, request: other.request, nowMs: other.nowMs };
  },
  'another provider’s rule': (good) => {
    const other = oneOf(all);
    const [mine, theirs] = [good.verification, other.verification];
    if (!isSigned(mine) || mine.each === true || !isSigned(theirs) || theirs.scheme !== 'hmac') return null;
    const text = signatureText(theirs, good.request, { secret: good.secret });
    const own = checkedText(good);
    if (text === own) return null;
    const request = withValue(good.request, mine.signature, (value) => value.replace(own, () => text));
    return request && { what: `signed by the rule of ${other.id}`, request };
  },
};

describe('100,000 requests that are not their sender’s', () => {
  const made = new Map<string, number>();
  const kinds = Object.keys(KINDS);
  const perSample = Math.ceil(INPUTS / all.length);

  test('are made of what is taken as it is', () => {
    expect(all.length).toBeGreaterThan(80);
    for (const good of all)
      expect([good.id, isTaken(good, { what: '', request: good.request })]).toEqual([good.id, true]);
  });

  test.each([...new Set(all.map(({ id }) => id))])('of %s, none of which is taken', (id) => {
    const taken: string[] = [];
    for (const good of all.filter((one) => one.id === id)) {
      for (let count = 0; count < perSample;) {
        const kind = oneOf(kinds);
        const forged = KINDS[kind]?.(good) ?? null;
        if (forged === null) continue;
        count += 1;
        made.set(kind, (made.get(kind) ?? 0) + 1);
        if (isTaken(good, forged)) taken.push(`${forged.what}: ${JSON.stringify(forged)}`);
      }
    }
    expect([...new Set(taken)].slice(0, 5)).toEqual([]);
  });

  afterAll(() => {
    const total = [...made.values()].reduce((sum, count) => sum + count, 0);
    if (total < INPUTS || kinds.some((kind) => (made.get(kind) ?? 0) < 1000))
      throw new Error(`expected ${INPUTS} inputs, a thousand of each kind, got ${JSON.stringify([...made])}`);
  });
});

describe('the answer to a handshake', () => {
  const signing = CATALOGUE.filter(({ recipe }) =>
    recipe.handshake?.some(({ reply }) => reply.sign !== undefined),
  );

  test('is signed by some', () => {
    expect(signing.map(({ id }) => id)).toContain('zoom');
  });

  test.each(signing)('of $id is no signature of an event', async (description) => {
    let answered = 0;
    for (const good of (await goodOnes(description)).filter(({ verification }) => isSigned(verification))) {
      const { provider, verification, request, secret, nowMs } = good;
      if (!isSigned(verification)) continue;
      // What a message of this provider would be, and what is near it, offered for an answer.
      const time = String(Math.floor(nowMs / 1000));
      const tries = [
        request.body,
        `${time}${request.body}`,
        `${time}.${request.body}`,
        `v0:${time}:${request.body}`,
        `v0:${time}:x`,
        'x',
        '',
      ];
      for (const text of tries) {
        for (const asked of questions(text)) {
          const greeted = provider.greet?.(arrived(asked), [secret]) ?? null;
          const answers =
            greeted?.kind === 'handshake'
              ? `${greeted.reply.body} ${JSON.stringify(greeted.reply.headers)}`
              : '';
          for (const [signature] of answers.matchAll(/[0-9a-f]{64}|[A-Za-z0-9+/]{43}=/g)) {
            answered += 1;
            for (const body of new Set([request.body, text])) {
              const base = resigned(verification, { ...request, body }, { secret, nowMs });
              const own = signatureText(verification, base, { secret });
              const forged = withValue(base, verification.signature, (value) =>
                value.replace(own, () => signature),
              );
              if (forged !== null)
                expect([text, isTaken(good, { what: '', request: forged })]).toEqual([text, false]);
            }
          }
        }
      }
    }
    // What is harmless is answered.
    expect(answered).toBeGreaterThan(0);
  });
});

/** Requests that ask for an answer with this text in it, in the ways of the providers that sign. */
function questions(text: string): SignedRequest[] {
  const base = { method: 'POST', url: SAMPLE_URL, headers: { 'content-type': 'application/json' } };
  const query = `?crc_token=${encodeURIComponent(text)}`;
  return [
    { ...base, body: JSON.stringify({ event: 'endpoint.url_validation', payload: { plainToken: text } }) },
    { ...base, method: 'GET', url: SAMPLE_URL + query, body: '' },
  ];
}
