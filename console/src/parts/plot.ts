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
      axes: [axis, { ...axis, size: 54 }],
      scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: color(line.color),
          width: 2,
          points: { show: false },
        })),
      ],
    },
    data,
    element,
  );
}
