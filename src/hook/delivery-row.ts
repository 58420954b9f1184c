/** A delivery out of its row, with the payload: as it is sent and settled. */
import type { DeliveryState } from '../core/delivery.ts';
import type { StoredEnvelope } from '../core/envelope.ts';

/** What stands in place of a replay's id where it was asked for by hand. */
export const MANUAL = 'manual';

/** The same of many at once: they are sent under the same name, but each has joined its lane. */
export const IN_BULK = 'in-bulk';

/** What a delivery is made of. */
export const DELIVERY_COLUMNS = `seq, event_id, sequence, lane, attempts, steps, manual, replay, reopened_from, type,
  subject, event, bytes, kind, content_type, head, raw`;

export type DeliveryRow = Record<string, SqlStorageValue> & {
  seq: number;
  event_id: string;
  sequence: number | null;
  lane: string | null;
  attempts: number;
  steps: number;
  manual: number;
  replay: string | null;
  reopened_from: DeliveryState | null;
  type: string;
  subject: string | null;
  event: string | null;
  bytes: number;
  kind: StoredEnvelope['kind'] | null;
  content_type: string | null;
  head: string | null;
  raw: ArrayBuffer | null;
};

/** What is needed to send a delivery and to settle it. */
export interface Delivery extends StoredEnvelope {
  readonly seq: number;
  readonly id: string;
  readonly sequence: number;
  readonly lane: string | null;
  readonly attempts: number;
  readonly steps: number;
  /** By hand and besides its schedule: it uses no step of it. */
  readonly isExtra: boolean;
  /** Sent once more: counts as delivered, whatever that comes to. */
  readonly wasDelivered: boolean;
  /** What the `posthorn-replay` header says; null: it is sent for the first time. */
  readonly replay: string | null;
  readonly type: string;
  readonly subject: string | null;
  readonly event: string | null;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
  /** Of its payload. */
  readonly bytes: number;
}

export function toDelivery(row: DeliveryRow): Delivery {
  if (row.kind === null || row.head === null || row.raw === null || row.sequence === null) {
    throw new Error(`delivery ${row.seq}: expected a payload while it is pending`);
  }
  return {
    seq: row.seq,
    id: row.event_id,
    sequence: row.sequence,
    lane: row.lane,
    attempts: row.attempts,
    steps: row.steps,
    // The first one after an end begins the fresh schedule.
    isExtra: row.manual === 1 && (row.reopened_from === null || row.steps > 0),
    wasDelivered: row.reopened_from === 'delivered',
    replay: row.manual === 1 || row.replay === IN_BULK ? MANUAL : row.replay,
    type: row.type,
    subject: row.subject,
    event: row.event,
    contentType: row.content_type,
    kind: row.kind,
    head: row.head,
    raw: new Uint8Array(row.raw),
    bytes: row.bytes,
  };
}

/** What settling needs of one that may have ended while it was under way. */
export function toSettled(row: DeliveryRow): Delivery {
  const { kind, head, raw, sequence } = row;
  return toDelivery({
    ...row,
    kind: kind ?? 'expunged',
    head: head ?? '',
    raw: raw ?? new ArrayBuffer(0),
    sequence: sequence ?? 0,
  });
}
