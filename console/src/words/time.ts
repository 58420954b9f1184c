/** Times and spans in words. */
const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** The largest units, two if not told otherwise: `3 h 20 min`. */
export function span(seconds: number, units = 2): string {
  let rest = Math.max(0, Math.round(seconds));
  if (rest === 0) return '0 s';
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const n = Math.floor(rest / size);
    if (n === 0) {
      if (parts.length > 0) break;
      continue;
    }
    parts.push(`${n} ${unit}`);
    rest -= n * size;
    if (parts.length === units) break;
  }
  return parts.join(' ');
}

export function milliseconds(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : span(ms / 1000);
}

/** `5 min ago` or `in 3 s`; what is less than a second away is `now`. */
export function relative(time: string, nowMs: number): string {
  const seconds = (Date.parse(time) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return time;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `in ${span(seconds, 1)}` : `${span(-seconds, 1)} ago`;
}

/** Waits one after the other; the same several times in a row once: `5 s, 30 s, 13 times 6 h`. */
export function scheduleWords(seconds: readonly number[]): string {
  const parts: { readonly seconds: number; times: number }[] = [];
  for (const step of seconds) {
    const last = parts.at(-1);
    if (last?.seconds === step) last.times += 1;
    else parts.push({ seconds: step, times: 1 });
  }
  return parts
    .map(({ seconds: step, times }) => (times === 1 ? span(step) : `${times} times ${span(step)}`))
    .join(', ');
}

/** In this browser's time zone: `14:03:07`. */
export function clockTime(time: string): string {
  return new Date(time).toLocaleTimeString('en-GB');
}
