/**
 * What happens to wrong keys and unknown inbound tokens. Those of one address are counted together; above the bound
 * further wrong ones are told to wait. Right ones are answered all the same, so nobody is locked out by a neighbour.
 */
import type { Context, MiddlewareHandler } from 'hono';
import { networkOf } from '../core/network.ts';
import { refuseToken, routeOfToken, type Search } from '../routing/routes.ts';
import { addressOf } from './attribution.ts';
import type { AppEnv } from './context.ts';
import { Refusal, notFound, problemResponse } from './problem.ts';

/** Above the bound the binding is not asked again for so long: whoever floods would cost a call each time. */
const LIMITED_MS = 10_000;
const MOST_REMEMBERED = 10_000;

const limitedUntil = new Map<string, number>();

/** How far a credential of this caller is looked for: above the bound what KV knows has to do. */
export function searchFor(c: Context<AppEnv>): Search {
  return isLimited(callerAddress(c)) ? 'in-kv' : 'everywhere';
}

/** Counts a wrong credential. Returns how its request is refused: as `refusal` says, or as one too many. */
export async function wrongCredential(c: Context<AppEnv>, refusal: Refusal): Promise<Refusal> {
  const address = callerAddress(c);
  if (!isLimited(address) && (await isWithinBound(c, address))) return refusal;
  return new Refusal('rate-limited', 'Too many wrong keys or inbound URLs from your address; wait a minute.');
}

/** In front of the inbound route: lets through tokens that were given out, and counts all others. */
export function knownToken(): MiddlewareHandler<AppEnv, '/in/:token/*'> {
  return async function isKnown(c, next) {
    const token = c.req.param('token');
    if ((await routeOfToken(c.env, token, searchFor(c))) === null)
      throw await wrongCredential(c, notFound('inbound URL'));
    await next();
    // Given out once, but deleted since, or its overlap has ended.
    if (!(c.error instanceof Refusal && c.error.code === 'not-found')) return;
    refuseToken(token);
    c.res = problemResponse(await wrongCredential(c, c.error));
  };
}

async function isWithinBound({ env }: Context<AppEnv>, address: string): Promise<boolean> {
  try {
    const outcome = await env.WRONG_CREDENTIALS?.limit({ key: address });
    if (outcome?.success !== false) return true;
  } catch {
    // As if there were no binding. A line in the log for each would let anybody fill it.
    return true;
  }
  if (limitedUntil.size >= MOST_REMEMBERED) limitedUntil.clear();
  limitedUntil.set(address, Date.now() + LIMITED_MS);
  return false;
}

function isLimited(address: string): boolean {
  return (limitedUntil.get(address) ?? 0) > Date.now();
}

/** Where nobody says who calls all count as one. */
function callerAddress(c: Context<AppEnv>): string {
  const address = addressOf(c);
  return address === null ? 'unknown' : networkOf(address);
}
