/**
 * `npm run bench`: what a relay takes in and gives out on this machine, load generator and receiver on the same cores.
 * Loopback only, bounded in count; ends what it started. Figures are for comparing two states of the code on one
 * machine, not for comparing machines.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bench, type Figure } from './bench/figures.ts';

const USAGE = `npm run bench -- [--events 1000] [--json]
  --events  of each measurement, 100 to 10000
  --json    the figures as JSON on standard output`;

const { values } = parseArgs({
  options: { events: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const events = Number(values.events);
if (!Number.isInteger(events) || events < 100 || events > 10_000) {
  console.error(`--events: expected 100 to 10000, got ${values.events}\n${USAGE}`);
  process.exit(2);
}
const machine = { node: process.version, cores: cpus().length, cpu: cpus()[0]?.model ?? 'unknown' };
const figures = await bench(events, values.json ? () => undefined : print);
if (values.json) console.log(JSON.stringify({ machine, events, figures }, null, 2));

function print({ name, value, unit }: Figure): void {
  console.log(`${name.padEnd(64)} ${value.toFixed(1).padStart(9)} ${unit}`);
}
