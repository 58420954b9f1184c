/** A line of the log for each inbound request: what became of it and why, without its URL, which is a credential. */
import type { MiddlewareHandler } from 'hono';
import type { AcceptResult } from '../event-log/intake.ts';
import { isLogged, logLine, type Facts } from '../log.ts';
import type { AppEnv } from './context.ts';
import { Refusal } from './problem.ts';

/** What of a request is known so far; undefined: nobody wants to read it. */
export type InboundFacts = Record<string, Facts[string]> | undefined;

export function logsInbound(): MiddlewareHandler<AppEnv> {
  return async function tellsInbound(c, next) {
    if (!isLogged('info')) return next();
    const facts: NonNullable<InboundFacts> = {};
    c.set('inbound', facts);
    await next();
    const { status } = c.res;
    const code = c.error instanceof Refusal ? c.error.code : null;
    const { outcome = status < 400 ? 'answered' : 'refused', reason = code, ...known } = facts;
    logLine('info', 'inbound', { ...known, outcome, reason, status });
  };
}

/** Adds what is known of it now. */
export function note(facts: InboundFacts, more: Facts): void {
  if (facts !== undefined) Object.assign(facts, more);
}

export function factsOf(result: AcceptResult): Facts {
  switch (result.kind) {
    case 'accepted':
      return { outcome: result.duplicate ? 'duplicate' : 'accepted', event: result.id };
    case 'accepted-batch': {
      const { events } = result;
      const duplicates = events.filter(({ duplicate }) => duplicate).length;
      return { outcome: 'accepted', events: events.length, duplicates };
    }
    case 'test':
    case 'handshake':
      return { outcome: result.kind };
    case 'unknown-source':
      return { reason: 'not-found' };
    case 'bad-signature':
      return { reason: 'signature' };
    case 'malformed':
    case 'too-large':
      return { reason: result.kind };
  }
}
