/** Figures as people and programs read them. */
import { type Bound, type Figure, holds } from './measure.ts';

/** One line: name, value, what it wandered between, and what it must reach. */
export function asLine(figure: Figure): string {
  const { name, unit, value, rounds, bound } = figure;
  const spread = rounds.length > 1 ? `${rounded(Math.min(...rounds))}–${rounded(Math.max(...rounds))}` : '';
  const judged = bound === null ? '' : `${holds(figure) ? 'ok' : 'MISSED'} ${asText(bound)}`;
  return [name.padEnd(42), `${rounded(value)} ${unit}`.padEnd(20), spread.padEnd(20), judged]
    .join(' ')
    .trimEnd();
}

/** Each figure's value at its place, and beside them how it was reached and whether it is good enough. */
export function asJson(figures: readonly Figure[]): object {
  const json: Record<string, unknown> = {};
  for (const { name, value } of figures) put(json, name.split('.'), rounded(value));
  const checks = figures.map((figure) => ({
    name: figure.name,
    unit: figure.unit,
    value: rounded(figure.value),
    rounds: figure.rounds.map(rounded),
    mustReach: figure.bound === null ? null : asText(figure.bound),
    holds: figure.bound === null ? null : holds(figure),
  }));
  return { ...json, holds: figures.every(holds), checks };
}

function put(json: Record<string, unknown>, path: readonly string[], value: number): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) json[name] = value;
  else put((json[name] ??= {}) as Record<string, unknown>, rest, value);
}

function asText(bound: Bound): string {
  return 'atLeast' in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
}

/** To four digits: more would promise what no round keeps. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
