/** How long a template of 2 KB takes for an event of 10 KB. */
import { Template } from '../../src/core/template/template.ts';
import type { Bench } from '../bench.ts';
import { orderEnvelope } from '../order.ts';
import { type Figure, figure, interleaved, processorMs } from '../measure.ts';

const SECTION = `{"type": "section", "text": {{ data.raw.customer.name | escape | append: " ordered" | json }}},`;
const LINES =
  '{% for line in data.raw.lines limit: 10 %}{"sku": {{ line.sku | json }}, "n": {{ line.quantity }}},{% endfor %}';
const BODY_CHARACTERS = 2_000;
const EVENT_BYTES = 10_000;

export async function template(bench: Bench): Promise<Figure[]> {
  const sections = SECTION.repeat(Math.ceil(BODY_CHARACTERS / SECTION.length));
  const body = `{"text": {{ type | json }}, "blocks": [${sections}${LINES} null]}`;
  const reading = Template.read({ contentType: 'application/json', body });
  if (!reading.ok) throw new Error(reading.fault.reason);
  const envelope = orderEnvelope(EVENT_BYTES);
  const times = bench.size(500, 20);
  const { render } = await interleaved(bench.rounds, {
    render: () => {
      const ms = processorMs(() => {
        for (let at = 0; at < times; at += 1) {
          const rendering = reading.template.render({ envelope, rawText: envelope });
          if (!rendering.ok) throw new Error(rendering.fault.reason);
        }
      });
      return Promise.resolve(ms / times);
    },
  });
  return [figure('template.renderMs', 'ms', render, { atMost: 1 })];
}
