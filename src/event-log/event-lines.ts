/**
 * The log as NDJSON: an event a line, oldest first, up to the place where the reading began. A page is read when it is
 * asked for, so that one lies in memory at a time however large the log; what retention takes meanwhile is not in it.
 */
import { structuredBody } from '../core/envelope.ts';
import type { EventStore, StoredEvent } from './event-store.ts';

const PAGE_EVENTS = 200;
const PAGE_BYTES = 1_000_000;

const OPEN = new TextEncoder().encode('{"kind":"event","event":');
const CLOSE = new TextEncoder().encode('}\n');
const LINE_BREAKS = [0x0a, 0x0d];
const BLANK = 0x20;

export function eventLines(events: EventStore, lastSeq: number): ReadableStream<Uint8Array> {
  let nextSeq = 1;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const page = events.range(nextSeq, lastSeq, PAGE_EVENTS, PAGE_BYTES);
      nextSeq = (page.at(-1)?.seq ?? lastSeq) + 1;
      for (const event of page) {
        for (const part of lineOf(event)) controller.enqueue(part);
      }
      if (page.length > 0) return;
      controller.close();
      // Who reads into a buffer of their own waits for an answer through it.
      controller.byobRequest?.respond(0);
    },
  });
}

function lineOf(event: StoredEvent): Uint8Array[] {
  return [OPEN.slice(), inOneLine(structuredBody(event, event.raw)), CLOSE.slice()];
}

/** A line break in JSON is white space: as a blank it changes no value. */
function inOneLine(json: Uint8Array): Uint8Array {
  for (const lineBreak of LINE_BREAKS) {
    for (let at = json.indexOf(lineBreak); at !== -1; at = json.indexOf(lineBreak, at + 1)) json[at] = BLANK;
  }
  return json;
}
