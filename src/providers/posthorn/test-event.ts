/** The `posthorn.test` event that a hook's test call sends: no place in any log, in the envelope of all others. */
import { sealWhole } from '../../core/envelope.ts';
import { eventId } from '../../core/event-id.ts';
import type { MessageEvent } from '../../core/message.ts';

const TYPE = 'posthorn.test';

/** `random` is 5 bytes. */
export function testEvent(hookId: number, hookName: string, nowMs: number, random: Uint8Array): MessageEvent {
  const id = eventId(nowMs, 0, random);
  const raw = { hookId, hookName };
  const subject = `hook/${hookId}`;
  const envelope = {
    specversion: '1.0',
    id,
    source: '/posthorn',
    type: TYPE,
    subject,
    time: new Date(nowMs).toISOString(),
    datacontenttype: 'application/json',
    data: { provider: 'posthorn', event: TYPE, raw },
  };
  return {
    ...sealWhole(envelope, { seq: 0, posthornId: id, recordedAtMs: nowMs }),
    id,
    type: TYPE,
    subject,
    event: TYPE,
    contentType: 'application/json',
    raw: new TextEncoder().encode(JSON.stringify(raw)),
  };
}
