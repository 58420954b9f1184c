/** Whose name a call goes under in the audit. */
import type { Context } from 'hono';
import type { Attribution } from '../core/audit-chain.ts';
import type { Caller } from './auth.ts';
import type { AppEnv } from './context.ts';

/** `caller`: of a dialect, which finds out by itself who calls. */
export function attributionOf(c: Context<AppEnv>, caller: Caller = c.get('caller')): Attribution {
  return {
    actor: caller.kind === 'operator' ? 'admin' : caller.keyId,
    from: addressOf(c),
    call: `${c.req.method} ${c.req.path}`,
  };
}

/** Only Cloudflare says who calls in a way that the caller cannot choose; null elsewhere. */
export function addressOf(c: Context<AppEnv>): string | null {
  return c.get('settings').isBehindCloudflare ? (c.req.header('cf-connecting-ip') ?? null) : null;
}
