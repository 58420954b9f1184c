/** What a command says: results on stdout, all else on stderr. With --json, results are lines of JSON. */
import { styleText } from 'node:util';
import { shown, table } from './shown.ts';

type Style = Parameters<typeof styleText>[0];

export class Output {
  readonly isJson: boolean;
  /** Somebody looks: there may be colours, progress and questions. */
  readonly isTerminal: boolean;

  constructor(isJson: boolean) {
    this.isJson = isJson;
    this.isTerminal = process.stderr.isTTY && process.stdin.isTTY;
  }

  /** One result: as JSON, or as people read it. */
  result(value: unknown, text: string): void {
    process.stdout.write(this.isJson ? `${JSON.stringify(value)}\n` : `${text}\n`);
  }

  /** Many of a kind: a line of JSON each, or a table. */
  rows<T>(
    items: readonly T[],
    headings: readonly string[],
    cells: (item: T) => readonly (string | number | null)[],
  ): void {
    if (this.isJson) for (const item of items) process.stdout.write(`${JSON.stringify(item)}\n`);
    else if (items.length === 0) this.note('None.');
    else process.stdout.write(`${table(headings, items.map(cells))}\n`);
  }

  /** Bytes or text as they are. */
  raw(bytes: Uint8Array | string): void {
    process.stdout.write(bytes);
  }

  /** For whoever looks on; never a result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Colour where there is a terminal that wants it. */
  style(style: Style, text: string): string {
    const stream = this.isJson ? process.stderr : process.stdout;
    return stream.isTTY ? styleText(style, text, { stream }) : text;
  }

  /** A line that is written over while something goes on; without a terminal there is none. */
  progress(text: string): void {
    // Some terminals do not say how wide they are.
    const columns = process.stderr.columns || 80;
    if (this.isTerminal) process.stderr.write(`\r\u001b[2K${shown(text, columns)}`);
  }

  progressEnds(): void {
    if (this.isTerminal) process.stderr.write('\r\u001b[2K');
  }
}
