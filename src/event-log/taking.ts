/** Events that come as envelopes of their own, as they enter the log: told from repetitions by source and id. */
import { sealOwn } from '../core/envelope.ts';
import type { EventId } from '../core/event-id.ts';
import { MAX_STORED_BYTES, isStorable } from '../core/stored-size.ts';
import type { EnvelopeItem } from '../providers/provider.ts';
import { digest } from './identity.ts';
import type { OpenLog } from './open-log.ts';
import { toStored } from './stored-event.ts';

export interface Published {
  readonly id: EventId;
  readonly duplicate: boolean;
}

/** `what`: in words, what the body holds. */
export interface TooLarge {
  readonly kind: 'too-large';
  readonly what: string;
}

export const TOO_LARGE: TooLarge = {
  kind: 'too-large',
  what: `an event of more than ${MAX_STORED_BYTES} bytes as it is stored`,
};

/** Thrown, so that it undoes what the same request has brought before it. The message says what its body holds. */
export class Unstorable extends Error {}

export interface Taken {
  readonly published: Published;
  /** Under an id that another event had before. */
  readonly isReused: boolean;
  /** That were stored. */
  readonly bytes: number;
}

/** Stores the event unless it is there. `sourceId` null: the tenant has published it. */
export function takeEnvelope(
  log: OpenLog,
  { event, body, contentType }: EnvelopeItem,
  sourceId: string | null,
  nowMs: number,
): Taken {
  const dedupe = digest(sourceId ?? '', event.source, event.id);
  const seen = log.events.idOfDuplicate(dedupe);
  if (seen !== null) return { published: { id: seen, duplicate: true }, isReused: false, bytes: 0 };
  const place = log.nextPlace(nowMs);
  const stored = toStored(sealOwn(event, place), place, sourceId, event.type, contentType, body);
  if (!isStorable(stored)) throw new Unstorable(TOO_LARGE.what);
  log.append(stored, dedupe);
  const published = { id: place.posthornId, duplicate: false };
  return { published, isReused: false, bytes: stored.head.length + body.byteLength };
}
