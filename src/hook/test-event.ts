/** The event that a hook's test call sends: no place in any log, in the shape of all others of the hook's format. */
import { sealWhole } from '../core/envelope.ts';
import { eventId } from '../core/event-id.ts';
import type { Format } from '../core/hook-config.ts';
import { TEST_EVENT, testEventBody } from '../providers/superoffice/delivery.ts';
import type { MessageEvent } from './message.ts';

const TYPE = 'posthorn.test';

export interface TestedHook {
  readonly tenant: string;
  /** null: not registered yet. */
  readonly hookId: number | null;
  readonly name: string;
  readonly format: Format;
}

/** `random` is 5 bytes, `guid` a new one. */
export function testEvent(hook: TestedHook, nowMs: number, random: Uint8Array, guid: string): MessageEvent {
  const id = eventId(nowMs, 0, random);
  const subject = hook.hookId === null ? null : `hook/${hook.hookId}`;
  const time = new Date(nowMs).toISOString();
  const isSuperoffice = hook.format === 'superoffice';
  const raw = { hookId: hook.hookId, hookName: hook.name };
  const envelope = {
    specversion: '1.0',
    id: isSuperoffice ? guid : id,
    source: '/posthorn',
    type: TYPE,
    subject: subject ?? undefined,
    time,
    datacontenttype: 'application/json',
    data: { provider: 'posthorn', event: TYPE, raw },
  };
  return {
    ...sealWhole(envelope, { seq: 0, posthornId: id, recordedAtMs: nowMs }),
    id,
    type: TYPE,
    subject,
    event: isSuperoffice ? TEST_EVENT : TYPE,
    contentType: 'application/json',
    raw: isSuperoffice
      ? testEventBody(guid, time, hook.tenant)
      : new TextEncoder().encode(JSON.stringify(raw)),
  };
}
