/** The `posthorn.test` event that a hook's test call sends: no place in any log, in the envelope of all others. */
import { sealOwn } from '../../core/envelope.ts';
import { eventId } from '../../core/event-id.ts';
import type { MessageEvent } from '../../core/message.ts';

const TYPE = 'posthorn.test';

/** `random` is 5 bytes. */
export function testEvent(hookId: number, hookName: string, nowMs: number, random: Uint8Array): MessageEvent {
  const id = eventId(nowMs, 0, random);
  const raw = JSON.stringify({ hookId, hookName });
  const attributes = {
    id,
    source: '/posthorn',
    type: TYPE,
    subject: `hook/${hookId}`,
    time: new Date(nowMs).toISOString(),
  };
  const members = JSON.stringify({
    specversion: '1.0',
    ...attributes,
    datacontenttype: 'application/json',
    data: { provider: 'posthorn', sourceId: null, event: TYPE, raw: JSON.parse(raw) as unknown },
  });
  const sealed = sealOwn(
    { ...attributes, membersText: members.slice(1, -1) },
    { seq: 0, posthornId: id, recordedAtMs: nowMs },
  );
  return { ...sealed, id, event: TYPE, contentType: 'application/json', raw: new TextEncoder().encode(raw) };
}
