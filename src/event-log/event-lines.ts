/**
 * The log as NDJSON: an event a line, oldest first, up to the place where the reading began. A page is read when it is
 * asked for, so that one lies in memory at a time however large the log; what retention takes meanwhile is not in it.
 */
import { base64Of } from '../core/base64.ts';
import { structuredBody } from '../core/envelope.ts';
import type { EventStore } from './event-store.ts';
import type { StoredEvent } from '../core/stored-event.ts';
import type { RestoredEvent } from './restored.ts';

const PAGE_EVENTS = 200;
const PAGE_BYTES = 1_000_000;

const OPEN = new TextEncoder().encode('{"kind":"event","event":');
const CLOSE = new TextEncoder().encode('}\n');
const LINE_BREAKS = [0x0a, 0x0d];
const BLANK = 0x20;

/** `isWhole`: with what an import needs besides. */
export function eventLines(
  events: EventStore,
  lastSeq: number,
  isWhole: boolean,
): ReadableStream<Uint8Array> {
  let nextSeq = 1;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const page = events.range(nextSeq, lastSeq, PAGE_EVENTS, PAGE_BYTES);
      nextSeq = (page.at(-1)?.seq ?? lastSeq) + 1;
      for (const event of page) {
        for (const part of lineOf(event, isWhole ? restoreOf(event, events.dedupeAt(event.seq)) : null))
          controller.enqueue(part);
      }
      if (page.length > 0) return;
      controller.close();
      // Who reads into a buffer of their own waits for an answer through it.
      controller.byobRequest?.respond(0);
    },
  });
}

function lineOf(event: StoredEvent, restore: RestoredEvent | null): Uint8Array[] {
  const close =
    restore === null ? CLOSE.slice() : new TextEncoder().encode(`,"restore":${JSON.stringify(restore)}}\n`);
  return [OPEN.slice(), inOneLine(structuredBody(event, event.raw)), close];
}

function restoreOf(event: StoredEvent, dedupe: Uint8Array | null): RestoredEvent {
  return { ...event, raw: base64Of(event.raw), dedupe: dedupe && base64Of(dedupe) };
}

/** A line break in JSON is white space: as a blank it changes no value. */
function inOneLine(json: Uint8Array): Uint8Array {
  for (const lineBreak of LINE_BREAKS) {
    for (let at = json.indexOf(lineBreak); at !== -1; at = json.indexOf(lineBreak, at + 1)) json[at] = BLANK;
  }
  return json;
}
