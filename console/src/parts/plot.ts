/** uPlot, in the colours of the style sheet. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Series } from '../relay/answers.ts';
import type { Line } from './chart.tsx';

export function drawn(element: HTMLElement, series: Series, lines: readonly Line[], height: number): uPlot {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: color('--faint'),
    grid: { stroke: color('--rule'), width: 1 },
    ticks: { stroke: color('--rule'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const numbers = (metric: Line['metric']) => series.data.map((point) => point[metric] ?? null);
  const data: uPlot.AlignedData = [
    series.data.map(({ at }) => Date.parse(at) / 1000),
    ...lines.map(({ metric }) => numbers(metric)),
  ];
  return new uPlot(
    {
      width: element.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      axes: [
        { ...axis, values: (_plot, times) => times.map(hourWords) },
        {
          ...axis,
          size: 54,
          incrs: WHOLE_STEPS,
          values: (_plot, values) => values.map((n) => n.toLocaleString('en')),
        },
      ],
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: color(line.color),
          width: 2,
          // An hour between two without attempts has no line.
          points: { show: true, size: 5 },
        })),
      ],
    },
    data,
    element,
  );
}

/** What is counted comes in whole numbers. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

/** In this browser's time zone; the day where it begins. */
function hourWords(seconds: number): string {
  const time = new Date(seconds * 1000);
  return time.getHours() === 0 && time.getMinutes() === 0
    ? time.toLocaleDateString('en', { day: 'numeric', month: 'short' })
    : time.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
