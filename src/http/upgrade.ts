/** Requests that are to become WebSockets: the protocol they ask for, and the key that a browser sends beside it. */
import type { Context } from 'hono';
import type { AppEnv } from './context.ts';
import { invalid, Refusal } from './problem.ts';

const KEY_PREFIX = 'posthorn.key.';

/** A browser can set no header of an upgrade but the list of protocols. Undefined: it carries no key. */
export function keyOfUpgrade(headers: Headers): string | undefined {
  if (!isUpgrade(headers)) return undefined;
  return protocolsOf(headers)
    .find((protocol) => protocol.startsWith(KEY_PREFIX))
    ?.slice(KEY_PREFIX.length);
}

/** Lets through an upgrade to this protocol. */
export function checkUpgrade(c: Context<AppEnv>, protocol: string): void {
  const { headers } = c.req.raw;
  if (!isUpgrade(headers)) {
    throw new Refusal('upgrade-required', `Connect a WebSocket with the protocol ${protocol}.`);
  }
  if (!protocolsOf(headers).includes(protocol)) {
    throw invalid({ path: 'header/sec-websocket-protocol', expected: protocol, got: 'none of that name' });
  }
}

/** A request for an object that is to take the other end. Nothing of the client's own goes along. */
export function upgradeTo(
  path: string,
  query: Readonly<Record<string, string | readonly string[]>>,
): Request {
  const url = new URL(path, 'https://object.invalid');
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value);
  }
  return new Request(url, { headers: { upgrade: 'websocket' } });
}

/** The object's answer as the client gets it. */
export function upgraded({ webSocket }: Response, protocol: string): Response {
  return new Response(null, { status: 101, webSocket, headers: { 'sec-websocket-protocol': protocol } });
}

function isUpgrade(headers: Headers): boolean {
  return headers.get('upgrade')?.trim().toLowerCase() === 'websocket';
}

function protocolsOf(headers: Headers): string[] {
  return (headers.get('sec-websocket-protocol') ?? '').split(',').map((protocol) => protocol.trim());
}
