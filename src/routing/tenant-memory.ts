/**
 * Which tenant a name stands for, asked of the one object that knows and remembered for a moment: it would else be asked
 * at every call with the admin key. A remembered tenant that has been erased meanwhile does no harm: its log refuses
 * every call.
 */
import type { Env } from '../env.ts';
import { isTenantGone, tenantsOf, type TenantRef } from '../registry/address.ts';

/** So long may a call at another isolate meet the former life of a tenant that was erased and made again. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;

interface Remembered {
  readonly ref: TenantRef;
  readonly untilMs: number;
}

const remembered = new Map<string, Remembered>();

/** The living tenant of that name, or null. That there is none is not remembered: it may be made at any moment. */
export async function resolveTenant(env: Env, name: string): Promise<TenantRef | null> {
  const nowMs = Date.now();
  const known = remembered.get(name);
  if (known !== undefined && known.untilMs > nowMs) return known.ref;
  remembered.delete(name);
  const ref = await tenantsOf(env).resolve(name);
  if (ref === null) return null;
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(name, { ref, untilMs: nowMs + REMEMBERED_MS });
  return ref;
}

/** Asks something of a tenant; of its present life where the remembered one has ended. Null: there is no such tenant. */
export async function askTenant<T>(
  env: Env,
  name: string,
  ask: (ref: TenantRef) => Promise<T>,
): Promise<T | null> {
  const ref = await resolveTenant(env, name);
  if (ref === null) return null;
  try {
    return await ask(ref);
  } catch (error) {
    if (!isTenantGone(error)) throw error;
    remembered.delete(name);
    const living = await resolveTenant(env, name);
    return living === null || living.incarnation === ref.incarnation ? null : await ask(living);
  }
}

let lives = 0;

/** Rises when a tenant of this relay was erased here: what was remembered of credentials may be of its former life. */
export function livesSeen(): number {
  return lives;
}

/** To be called when one has been erased. */
export function forgetErased(): void {
  lives += 1;
  forgetTenants();
}

/** To be called when one was met that is no more. */
export function forgetTenants(): void {
  remembered.clear();
}
