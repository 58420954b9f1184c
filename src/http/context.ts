/** What a request knows once it has passed the gates in front of its handler. */
import type { Context } from 'hono';
import type { Env } from '../env.ts';
import type { Caller } from './auth.ts';
import type { InboundFacts } from './inbound-line.ts';
import type { TenantRef } from '../registry/address.ts';
import type { Settings } from '../settings.ts';

export interface Variables {
  settings: Settings;
  adminKey: string;
  /** The tenant the caller acts for. */
  tenant: TenantRef;
  caller: Caller;
  /** Of an inbound request; absent: nobody wants to read it. */
  inbound?: InboundFacts;
}

export interface AppEnv {
  Bindings: Env;
  Variables: Variables;
}

/** Where the relay is reached from outside. */
export function baseOf(c: Context<AppEnv>): string {
  return c.get('settings').publicUrl ?? new URL(c.req.url).origin;
}
