/** How a hook fared in the last day: its error rate, and how fast its receiver answers. */
import type { Series } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { rateWords } from '../words/rates.ts';
import { Chart, type Line } from './chart.tsx';
import { Trouble } from './trouble.tsx';

const DAY_MS = 86_400_000;
const OUTCOMES: readonly Line[] = [
  { metric: 'delivered', label: 'Delivered', color: '--line-2' },
  { metric: 'failed', label: 'Failed attempts', color: '--line-3' },
];
const LATENCY: readonly Line[] = [
  { metric: 'durationP50Ms', label: 'Median, ms', color: '--line-1' },
  { metric: 'durationP95Ms', label: '95th percentile, ms', color: '--line-3' },
];

export function HookCharts({ id }: { readonly id: number }) {
  const { data, failure, reload } = useCall(`series:${id}`, (relay, signal) => {
    const metric = [...OUTCOMES, ...LATENCY].map((line) => line.metric).join(',');
    const from = new Date(Date.now() - DAY_MS).toISOString();
    return relay.read<Series>('/v1/stats/series', { metric, from, step: 'hour', hook: id }, signal);
  });
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">The last 24 hours</h2>
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && (
        <>
          <p>{rateWords(data)}</p>
          <div class="two charts">
            <Chart title="Delivered and failed, by the hour" series={data} lines={OUTCOMES} />
            <Chart title="Response time of the receiver" series={data} lines={LATENCY} />
          </div>
        </>
      )}
    </section>
  );
}
