/** What a hook has to tell of itself, in words; notices.ts keeps it until it is told. */
import type { Delivery } from './delivery-row.ts';
import type { NoticeCause, NoticeType } from './notices.ts';
import type { OpenHook } from './open-hook.ts';

export function notify(
  { assignment, notices }: OpenHook,
  type: NoticeType,
  delivery: Pick<Delivery, 'id' | 'type' | 'subject'>,
  reason: string | null,
  sinceMs: number | null,
  cause: NoticeCause,
): void {
  // A dead letter about a dead letter would never end; how the hook fares is told at most once each time.
  if (type === 'posthorn.delivery.dead' && delivery.type.startsWith('posthorn.')) return;
  const { id, config } = assignment.registration;
  notices.add(type, {
    hookId: id,
    hookName: config.name,
    eventId: delivery.id,
    eventType: delivery.type,
    eventSubject: delivery.subject,
    reason,
    since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
    statusCode: cause.statusCode,
    error: cause.error,
    answerExcerpt: cause.answerExcerpt,
  });
}
