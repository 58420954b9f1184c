/**
 * Filters of hooks held against events of the log. An event's JSON is taken apart once for all hooks that look into it, and
 * filters that came lately are kept read; neither grows with hooks or log.
 */
import { structuredBody, type StoredEnvelope } from '../core/envelope.ts';
import { EventJson } from '../core/filter/event-json.ts';
import { readFilters, type Filters } from '../core/filter/filter.ts';

export interface FilteredEvent extends StoredEnvelope {
  readonly raw: Uint8Array;
}

/** Characters of filters that are kept read: some thousands of ordinary ones. */
const MAX_READ_CHARACTERS = 500_000;

const READ = new Map<string, Filters>();
let readCharacters = 0;
const EVENTS = new WeakMap<FilteredEvent, EventJson>();

/**
 * The clause that the event fails; null: it passes.
 * @param filters JSON text that was read when it was saved
 * @param work told how many steps it took
 */
export function failingClause(
  filters: string,
  event: FilteredEvent,
  work?: (steps: number) => void,
): string | null {
  return readOnce(filters).failing(jsonOf(event), work);
}

function readOnce(text: string): Filters {
  const known = READ.get(text);
  if (known !== undefined) {
    // What came last stays longest.
    READ.delete(text);
    READ.set(text, known);
    return known;
  }
  const filters = readNow(text);
  READ.set(text, filters);
  readCharacters += text.length;
  for (const oldest of READ.keys()) {
    if (readCharacters <= MAX_READ_CHARACTERS) break;
    READ.delete(oldest);
    readCharacters -= oldest.length;
  }
  return filters;
}

function readNow(text: string): Filters {
  const reading = readFilters(JSON.parse(text));
  if (reading.ok) return reading.filters;
  const [problem] = reading.problems;
  throw new Error(`stored filters: expected ${problem?.expected ?? ''} at ${problem?.path ?? ''}`);
}

/** As long as somebody holds the event. */
function jsonOf(event: FilteredEvent): EventJson {
  const known = EVENTS.get(event);
  if (known !== undefined) return known;
  const json = new EventJson(new TextDecoder().decode(structuredBody(event, event.raw)));
  EVENTS.set(event, json);
  return json;
}
