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

/** Filters kept read. */
const MAX_READ = 500;

const READ = new Map<string, Filters>();
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
  // What came last stays longest.
  READ.delete(text);
  const filters = known ?? readNow(text);
  READ.set(text, filters);
  if (READ.size > MAX_READ) {
    const [oldest] = READ.keys();
    if (oldest !== undefined) READ.delete(oldest);
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
