/** What filters would have let through of the newest events: for trying them out, without a hook. */
import type { EventId } from '../core/event-id.ts';
import type { OpenLog } from './open-log.ts';
import { Wish } from './wish.ts';

export interface FilterTrial {
  readonly events: readonly string[];
  readonly sources: readonly string[] | null;
  /** JSON text. */
  readonly filters: string;
  /** Newest events that are looked at. */
  readonly limit: number;
}

export interface TriedEvent {
  readonly id: EventId;
  readonly type: string;
  /** What it failed: JSON Pointer into the request; null: nothing. */
  readonly clause: string | null;
}

/** Events read, and results made, in one turn: other calls wait for it. */
const EVENTS_AT_ONCE = 20;
/** It ends early, so that it holds neither memory nor the object's time for long. */
const MAX_READ_BYTES = 64_000_000;
const MAX_RESULT_CHARACTERS = 4_000_000;
const EVERY_EVENT = { type: null, subject: null, source: null, sourceId: null, fromMs: null, toMs: null };

/** Newest first. Events whose payload is gone are left out. */
export async function tryFilters(log: OpenLog, trial: FilterTrial): Promise<TriedEvent[]> {
  const wish = new Wish({
    hook_id: 0,
    after_seq: 0,
    until_seq: null,
    events: JSON.stringify(trial.events),
    sources: trial.sources === null ? null : JSON.stringify(trial.sources),
    format: 'structured',
    filters: trial.filters,
    names: null,
  });
  const tried: TriedEvent[] = [];
  let [readBytes, characters] = [0, 0];
  for (let cursor: number | null = null; ;) {
    const room = Math.min(EVENTS_AT_ONCE, trial.limit - tried.length);
    const { seqs, nextSeq } = log.events.find(EVERY_EVENT, 'desc', cursor, room);
    for (const seq of seqs) {
      const event = log.events.at(seq);
      if (event === null || event.kind === 'expunged') continue;
      const skipped = log.hooks.wishes.whyUnwanted(wish, event);
      const clause = skipped === null ? null : (skipped.clause ?? CLAUSES[skipped.reason] ?? null);
      tried.push({ id: event.id, type: event.type, clause });
      readBytes += event.raw.byteLength + event.head.length;
      characters += event.type.length + (clause?.length ?? 0) + event.id.length;
    }
    const isFull = readBytes > MAX_READ_BYTES || characters > MAX_RESULT_CHARACTERS;
    if (nextSeq === null || tried.length >= trial.limit || isFull) return tried;
    cursor = nextSeq;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** What says so in the request, where it is not the filters. */
const CLAUSES: Readonly<Record<string, string>> = { pattern: '/events', source: '/sources' };
