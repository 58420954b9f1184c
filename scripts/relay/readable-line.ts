/** A line of the Worker's log, as a person reads it: time, what happened, and its facts. */

/** What is no line of the log comes back as it is. */
export function readableLine(line: string): string {
  if (!line.startsWith('{"at":"')) return line;
  try {
    const { at, level, what, ...facts } = JSON.parse(line) as Record<string, unknown>;
    const told = Object.entries(facts)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${String(value)}`);
    const mark = level === 'info' ? [] : [String(level).toUpperCase()];
    return [timeOfDay(String(at)), ...mark, what, ...told].join(' ');
  } catch {
    return line;
  }
}

function timeOfDay(at: string): string {
  const time = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
