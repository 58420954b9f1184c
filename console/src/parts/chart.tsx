/** Numbers over time as lines. The same numbers stand in a table, for whoever cannot see them. */
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Series } from '../relay/answers.ts';
import { Table } from './list.tsx';

export interface Line {
  /** Member of each point. */
  readonly metric: Exclude<keyof Series['data'][number], 'at'>;
  readonly label: string;
  /** Custom property of the style sheet, such as `--line-1`. */
  readonly color: string;
}

interface ChartProps {
  readonly title: string;
  readonly series: Series;
  readonly lines: readonly Line[];
}

const HEIGHT = 220;

export function Chart({ title, series, lines }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let chart: uPlot | null = null;
    let isGone = false;
    const draw = async () => {
      // Only who looks at a chart loads what draws it.
      const { drawn } = await import('./plot.ts');
      if (isGone) return;
      chart?.destroy();
      chart = drawn(element, series, lines, HEIGHT);
    };
    void draw();
    const resized = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => void draw();
    scheme.addEventListener('change', redraw);
    return () => {
      isGone = true;
      scheme.removeEventListener('change', redraw);
      resized.disconnect();
      chart?.destroy();
    };
  }, [series, lines]);

  return (
    <figure class="chart">
      <figcaption>
        {title}
        <ul class="legend" aria-hidden="true">
          {lines.map(({ metric, label, color }) => (
            <li key={metric} class={`legend-${color.slice(2)}`}>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={place} class="plot" aria-hidden="true" />
      <details>
        <summary>The same as a table</summary>
        <Table
          caption={title}
          rows={series.data}
          keyOf={({ at }) => at}
          columns={[
            {
              head: 'From',
              cell: ({ at }) => <time dateTime={at}>{at.replace('T', ' ').slice(0, 16)}</time>,
            },
            ...lines.map(({ metric, label }) => ({
              head: label,
              isNumber: true,
              cell: (point: Series['data'][number]) => point[metric] ?? '–',
            })),
          ]}
        />
      </details>
    </figure>
  );
}
