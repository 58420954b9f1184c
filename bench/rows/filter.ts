/** What filters cost the fan-out: one on an event that nobody has looked into yet, and a thousand of one type on one event. */
import { EventJson } from '../../src/core/filter/event-json.ts';
import { readFilters, type Filters } from '../../src/core/filter/filter.ts';
import type { Bench } from '../bench.ts';
import { orderEnvelope } from '../order.ts';
import { type Figure, figure, interleaved, processorMs } from '../measure.ts';

const EVENT_BYTES = 10_000;
const HOOKS = 1_000;

export async function filter(bench: Bench): Promise<Figure[]> {
  const text = orderEnvelope(EVENT_BYTES);
  const times = bench.size(2_000, 50);
  const one = read({ total: { $gte: 1000 }, status: { $in: ['open', 'won'] } });
  const perEvent = () => {
    const ms = processorMs(() => {
      for (let at = 0; at < times; at += 1) one.failing(new EventJson(text));
    });
    return Promise.resolve((ms / times) * 1000);
  };
  // As many different ones: the fan-out keeps fewer than these read.
  const thousand = () => {
    const ms = processorMs(() => {
      const event = new EventJson(text);
      for (let at = 0; at < HOOKS; at += 1)
        read({ total: { $gte: at }, lines: { sku: `SKU-${at}` } }).failing(event);
    });
    return Promise.resolve(ms);
  };
  const measured = await interleaved(bench.rounds, { perEvent, thousand });
  return [
    figure('filter.perEventUs', 'µs', measured.perEvent, { atMost: 50 }),
    figure('filter.thousandHooksMs', 'ms', measured.thousand, { atMost: 50 }),
  ];
}

function read(raw: unknown): Filters {
  const reading = readFilters([{ match: { data: { raw } } }]);
  if (!reading.ok) throw new Error('expected filters');
  return reading.filters;
}
