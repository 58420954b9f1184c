/** The doctor, against receivers that each have one thing wrong: it must be named, and nothing else. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { utf8 } from '../../../cli/doctor/case.ts';
import { connectionFault, examine, type ExamOptions } from '../../../cli/doctor/exam.ts';
import { FAULTS, type FaultId } from '../../../cli/doctor/faults.ts';
import { keyOf, newSecret } from '../../../src/core/signature.ts';

const SECRET = newSecret(new Uint8Array(32).fill(7));
const KEY = keyOf(SECRET);
const GOOD_TYPE = 'posthorn.doctor.test';
const TOLERANCE_SECONDS = 300;

/** What a receiver makes of a request that came whole; a number is the status it answers. */
interface Came {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Uint8Array;
  readonly seen: Set<string>;
}

interface Receiver {
  readonly key?: Uint8Array;
  readonly signs?: (id: string, timestamp: string, body: Uint8Array) => readonly (string | Uint8Array)[];
  readonly nowSeconds?: () => number;
  /** Instead of everything else, or before it. */
  readonly first?: (came: Came) => number | null;
  readonly onSignature?: (header: string | undefined, expected: string) => number | null;
  readonly onTime?: (awaySeconds: number) => number | null;
  /** Of what is good. */
  readonly last?: (came: Came) => number;
  /** Before the body is there. */
  readonly onHead?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(receiver: Receiver): Promise<URL> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    if (receiver.onHead?.(request, response) === true) return;
    const pieces: Uint8Array[] = [];
    request.on('data', (piece: Uint8Array) => pieces.push(piece));
    request.on('error', () => undefined);
    request.on('end', () => {
      const status = statusFor(receiver, { request, response, body: concat(pieces), seen });
      if (status === 0) request.socket.destroy();
      else if (!response.headersSent) response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

/** As a receiver should, where it does not say otherwise. */
function statusFor(receiver: Receiver, came: Came): number {
  const { request, body } = came;
  const early = receiver.first?.(came) ?? null;
  if (early !== null) return early;
  const id = String(request.headers['webhook-id']);
  const timestamp = String(request.headers['webhook-timestamp']);
  const hmac = createHmac('sha256', receiver.key ?? KEY);
  for (const piece of receiver.signs?.(id, timestamp, body) ?? [`${id}.${timestamp}.`, body])
    hmac.update(piece);
  const digest = hmac.digest('base64');
  const header = request.headers['webhook-signature'] as string | undefined;
  const refused = (receiver.onSignature ?? checked)(header, `v1,${digest}`);
  if (refused !== null) return refused;
  const away = Number(timestamp) - (receiver.nowSeconds?.() ?? Date.now() / 1000);
  const late = (
    receiver.onTime ?? ((seconds: number) => (Math.abs(seconds) > TOLERANCE_SECONDS ? 401 : null))
  )(away);
  if (late !== null) return late;
  return receiver.last?.(came) ?? 204;
}

function checked(header: string | undefined, expected: string): number | null {
  const fits = (header ?? '').split(' ').includes(expected);
  return fits ? null : 401;
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

async function faultsOf(url: URL, changed: Partial<ExamOptions> = {}): Promise<FaultId[]> {
  let n = 0;
  const findings = await examine({
    url,
    secret: SECRET,
    type: GOOD_TYPE,
    headers: {},
    slowAfterMs: 5000,
    timeoutMs: 5000,
    largeBytes: 300_000,
    nowMs: Date.now,
    newId: () => `evt_${(n += 1)}`,
    ...changed,
  });
  return findings.map(({ fault }) => fault);
}

it('finds nothing wrong with a receiver that does as it should', async () => {
  expect(await faultsOf(await serve({}))).toEqual([]);
});

const typeOf = ({ body }: Came) => (JSON.parse(textOf(body)) as { type: string }).type;

/** The fault that is planted, and how; further ones that cannot but follow. */
const PLANTED: readonly [FaultId, Receiver, FaultId[]?][] = [
  ['no-signature-check', { onSignature: () => null, onTime: () => null }, ['no-time-check']],
  [
    'unsigned-accepted',
    { onSignature: (header, expected) => (header === undefined ? null : checked(header, expected)) },
  ],
  ['bad-signature-accepted', { onSignature: (header) => (header === undefined ? 401 : null) }],
  [
    'bad-signature-crashes',
    { onSignature: (header, expected) => (checked(header, expected) === null ? null : 500) },
  ],
  [
    'bad-signature-crashes',
    {
      onSignature: (header, expected) =>
        // As timingSafeEqual does of unequal lengths.
        (header ?? '').split(' ').some((one) => one.length !== expected.length) && header !== undefined
          ? 500
          : checked(header, expected),
    },
  ],
  ['parses-before-check', { first: (came) => (isJson(came.body) ? null : 400) }],
  ['body-rewritten', { signs: (id, timestamp, body) => [`${id}.${timestamp}.`, rewritten(body)] }],
  [
    'text-damaged',
    { signs: (id, timestamp, body) => [`${id}.${timestamp}.`, new TextDecoder('latin1').decode(body)] },
  ],
  ['no-time-check', { onTime: () => null }],
  ['future-accepted', { onTime: (away) => (away < -TOLERANCE_SECONDS ? 401 : null) }],
  [
    'repeat-refused',
    {
      last: ({ request, seen }) => {
        const id = String(request.headers['webhook-id']);
        if (seen.has(id)) return 409;
        seen.add(id);
        return 204;
      },
    },
  ],
  ['first-signature-only', { onSignature: (header, expected) => checked(header?.split(' ')[0], expected) }],
  ['unknown-type-fails', { last: (came) => (typeOf(came) === GOOD_TYPE ? 204 : 500) }],
  ['large-refused', { first: ({ body }) => (body.byteLength > 100_000 ? 413 : null) }],
  [
    'answers-before-reading',
    {
      onHead: (request, response) => {
        if (Number(request.headers['content-length']) < 200_000) return false;
        response.writeHead(202).end();
        return true;
      },
    },
  ],
  [
    'huge-answer',
    {
      last: ({ response }) => {
        response.writeHead(200).end('x'.repeat(100_000));
        return 200;
      },
    },
  ],
  ['redirects', { first: () => 301 }],
  ['path-unknown', { first: () => 404 }],
  [
    'content-type-refused',
    { first: ({ request }) => (request.headers['content-type'] === 'application/json' ? null : 415) },
  ],
  ['secret-as-text', { key: utf8(SECRET) }],
  ['secret-as-text', { key: utf8(SECRET.slice('whsec_'.length)) }],
  ['signs-body-alone', { signs: (_id, _timestamp, body) => [body] }],
  ['clock-off', { nowSeconds: () => Date.now() / 1000 - 900 }],
  [
    'clock-off',
    { last: ({ response }) => response.writeHead(204, { date: new Date(0).toUTCString() }).end().statusCode },
  ],
  ['good-refused', { key: new Uint8Array(32).fill(8) }],
  ['no-answer', { first: () => 0 }],
];

function isJson(body: Uint8Array): boolean {
  try {
    JSON.parse(textOf(body));
    return true;
  } catch {
    return false;
  }
}

function rewritten(body: Uint8Array): string {
  return isJson(body) ? JSON.stringify(JSON.parse(textOf(body))) : textOf(body);
}

it.each(PLANTED.map(([fault, receiver, following = []], index) => ({ fault, receiver, following, index })))(
  '$fault ($index)',
  async ({ fault, receiver, following }) => {
    expect(await faultsOf(await serve(receiver))).toEqual([fault, ...following]);
  },
);

it('slow', async () => {
  const url = await serve({});
  // What is slow is the user's to say: here, everything.
  expect(await faultsOf(url, { slowAfterMs: -1 })).toEqual(['slow']);
});

it('no-gone', async () => {
  const url = await serve({});
  expect(await faultsOf(url, { goneUrl: await serve({ first: () => 404 }) })).toEqual(['no-gone']);
  expect(await faultsOf(url, { goneUrl: await serve({ first: () => 410 }) })).toEqual([]);
});

it('connection-refused', async () => {
  expect(await faultsOf(new URL('http://127.0.0.1:9/'))).toEqual(['connection-refused']);
});

it.each<[string, FaultId]>([
  ['ENOTFOUND', 'name-unknown'],
  ['EAI_AGAIN', 'name-unknown'],
  ['ECONNREFUSED', 'connection-refused'],
  ['CERT_HAS_EXPIRED', 'certificate-invalid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate-invalid'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate-invalid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate-invalid'],
  ['ECONNRESET', 'no-answer'],
  ['TIMEOUT', 'no-answer'],
])('a first request that ends in %s is %s', (code, fault) => {
  expect(connectionFault(code)).toBe(fault);
});

it('every fault is planted somewhere above, and has a remedy', () => {
  const planted = new Set<string>([
    ...PLANTED.map(([fault]) => fault),
    'slow',
    'no-gone',
    'connection-refused',
  ]);
  for (const fault of ['name-unknown', 'certificate-invalid']) planted.add(fault);
  expect([...planted].sort()).toEqual(Object.keys(FAULTS).sort());
  for (const { what, remedy } of Object.values(FAULTS))
    expect(`${what} ${remedy}`).toMatch(/^[A-Z].*\. .*\.$/s);
});

it('no request carries the secret', async () => {
  const carried: string[] = [];
  const url = await serve({
    last: ({ request, body }) => {
      carried.push(JSON.stringify(request.headers), textOf(body));
      return 204;
    },
  });
  await faultsOf(url);
  expect(carried.length).toBeGreaterThan(10);
  expect(carried.join('')).not.toContain(SECRET.slice(6, 30));
});
