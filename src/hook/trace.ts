/**
 * For the host of a local relay, once its workerd has died: a line before each request of a hook and one after it, from
 * which the host knows what was under way (scripts/relay/crash-watch.ts). Deployed, and before that, nothing is printed.
 */
import type { HookEnv } from './env.ts';
import type { Delivery } from './delivery-row.ts';
import type { OpenHook } from './open-hook.ts';

/** Tells that a request leaves; the function returned, that it is over. */
export function traced(env: HookEnv, { assignment }: OpenHook, { id }: Delivery): () => void {
  if (env.TRACE_REQUESTS !== 'true') return () => undefined;
  const request = `${assignment.ref.tenant} ${assignment.registration.id} ${id}`;
  console.log(`posthorn trace begun ${request}`);
  return () => {
    console.log(`posthorn trace ended ${request}`);
  };
}
