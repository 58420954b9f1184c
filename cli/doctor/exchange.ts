/** One request to a receiver, with what the exam has to know of the answer: how it came, how fast and how large. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

const ENOUGH_BYTES = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

export interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Answered {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bodyBytes: number;
  /** Until its head was there. */
  readonly durationMs: number;
  /** The head came while the body was still on its way. */
  readonly cameEarly: boolean;
}

export interface Failed {
  readonly kind: 'failed';
  /** As Node names it, such as ENOTFOUND. */
  readonly code: string;
  readonly message: string;
}

/** `holdMs`: the end of the body is held back for so long, to see whether the receiver waits for it. */
export function exchange(url: URL, asked: Asked, timeoutMs: number, holdMs = 0): Promise<Answered | Failed> {
  const { promise, resolve } = Promise.withResolvers<Answered | Failed>();
  const startedAt = performance.now();
  let isSent = false;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url.href, {
    method: 'POST',
    headers: { ...asked.headers, 'content-length': asked.body.byteLength },
    timeout: timeoutMs,
    agent: false,
  });
  const fail = (code: string, message: string) => {
    resolve({ kind: 'failed', code, message });
    request.destroy();
  };
  request.on('timeout', () => fail('TIMEOUT', `nothing for ${timeoutMs} ms`));
  request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ERROR', error.message));
  request.on('response', (response) => {
    const cameEarly = !isSent;
    const durationMs = Math.round(performance.now() - startedAt) - (cameEarly ? 0 : holdMs);
    let bodyBytes = 0;
    const done = () => {
      const { statusCode = 0, headers } = response;
      resolve({ kind: 'answer', status: statusCode, headers, bodyBytes, durationMs, cameEarly });
      request.destroy();
    };
    response.on('data', (piece: Buffer) => {
      bodyBytes += piece.byteLength;
      if (bodyBytes >= ENOUGH_BYTES) done();
    });
    response.on('end', done);
    response.on('error', done);
  });
  const last = asked.body.byteLength - (holdMs > 0 ? 1 : 0);
  for (let at = 0; at < last; at += PIECE_BYTES)
    request.write(asked.body.subarray(at, Math.min(at + PIECE_BYTES, last)));
  const end = () => {
    isSent = true;
    request.end(asked.body.subarray(last));
  };
  if (holdMs > 0) setTimeout(end, holdMs);
  else end();
  return promise;
}
