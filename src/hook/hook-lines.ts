/** Lines of the log about a hook: each attempt, and what its owner has done to it. */
import type { HookRegistration } from '../core/hook-registration.ts';
import { isLogged, logLine } from '../log.ts';
import type { OpenHook } from './open-hook.ts';
import type { Attempted } from './settlement.ts';

/** Called for each attempt: at level `warn` it does nothing more than ask. */
export function logAttempt({ assignment }: OpenHook, { delivery, outcome, report }: Attempted): void {
  if (!isLogged('info')) return;
  logLine('info', 'attempt', {
    tenant: assignment.ref.tenant,
    hook: assignment.registration.id,
    event: delivery.id,
    attempt: delivery.attempts + 1,
    outcome: outcome.kind,
    status: outcome.statusCode,
    error: outcome.kind === 'delivered' ? null : outcome.error,
    durationMs: report.durationMs,
  });
}

/** A registration has taken the place of another. */
export function logChange({ assignment }: OpenHook, before: HookRegistration): void {
  const { ref, registration } = assignment;
  const [was, is] = [stateOf(before), stateOf(registration)];
  if (was !== is) logLine('info', 'hook', { tenant: ref.tenant, hook: registration.id, was, is });
}

function stateOf({ config, deletedAtMs }: HookRegistration): string {
  return deletedAtMs !== null ? 'deleted' : config.paused ? 'paused' : 'active';
}
