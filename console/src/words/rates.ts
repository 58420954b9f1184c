/** What the numbers of some hours come to, in a sentence. */
import type { Series } from '../relay/answers.ts';
import { count } from './text.ts';
import { milliseconds } from './time.ts';

export function sumOf({ data }: Series, metric: 'delivered' | 'failed'): number {
  return data.reduce((sum, point) => sum + (point[metric] ?? 0), 0);
}

/** Of a hook: how often it failed, and how fast it answered last. */
export function rateWords(series: Series): string {
  const [delivered, failed] = [sumOf(series, 'delivered'), sumOf(series, 'failed')];
  if (delivered + failed === 0) return 'No attempt was made.';
  const percent = (100 * failed) / (delivered + failed);
  const rate = percent > 0 && percent < 1 ? 'under 1' : String(Math.round(percent));
  const newest = series.data.findLast(({ durationP50Ms }) => typeof durationP50Ms === 'number');
  const speed =
    newest === undefined
      ? ''
      : ` In the last hour with attempts, half of them took ${milliseconds(newest.durationP50Ms ?? 0)} or less, and 95 % ${milliseconds(newest.durationP95Ms ?? 0)} or less.`;
  return `${count(delivered, 'delivery', 'deliveries')} succeeded and ${count(failed, 'attempt')} failed: an error rate of ${rate} %.${speed}`;
}
