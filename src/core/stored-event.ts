/** An event in a tenant's log: what is kept of it, and what of it others look at. */
import type { StoredEnvelope } from './envelope.ts';
import type { EventId } from './event-id.ts';

/** An event as it lies on disk, and as a hook's queue receives it. */
export interface StoredEvent extends StoredEnvelope {
  /** Place in the tenant's log, from 1. */
  readonly seq: number;
  readonly id: EventId;
  readonly sourceId: string | null;
  readonly type: string;
  readonly subject: string | null;
  /** The envelope's `source`. */
  readonly source: string;
  /** The provider's own name of the event. */
  readonly event: string | null;
  readonly recordedAtMs: number;
  /** Of the body as it came. */
  readonly contentType: string | null;
  /** The body as it came. */
  readonly raw: Uint8Array;
}

/** By what an event is told from another one that came under the same id. */
export type SeenEvent = Pick<StoredEvent, 'seq' | 'id' | 'event' | 'kind' | 'head'>;

/** What of an event decides which hooks want it. */
export type MatchedEvent = Pick<StoredEvent, 'seq' | 'type' | 'subject' | 'sourceId' | 'event' | 'kind'>;
