/** What a hook has to tell of itself, in words; notices.ts keeps it until it is told. */
import type { Delivery } from './deliveries.ts';
import type { NoticeType } from './notices.ts';
import type { OpenHook } from './open-hook.ts';

export function notify(
  { assignment, notices }: OpenHook,
  type: NoticeType,
  delivery: Pick<Delivery, 'id' | 'type'>,
  reason: string | null,
  sinceMs: number | null,
  statusCode: number | null,
): void {
  // A dead letter about a dead letter would never end; how the hook fares is told at most once each time.
  if (type === 'posthorn.delivery.dead' && delivery.type.startsWith('posthorn.')) return;
  const { id, config } = assignment.registration;
  const since = sinceMs === null ? null : new Date(sinceMs).toISOString();
  notices.add(type, { hookId: id, hookName: config.name, eventId: delivery.id, reason, since, statusCode });
}
