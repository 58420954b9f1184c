/**
 * `npm run bench`: how fast the relay is beside what the runtime can do at best, whether it slows down by what it
 * holds, and what an event costs. Loopback only, bounded in count and time; ends what it started. Exit code 1 when a
 * figure does not reach its bound or could not be measured.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { withDeadline } from '../src/storage/deadline.ts';
import { Bench } from './bench.ts';
import { asJson, asLine } from './report.ts';
import { type Figure, holds } from './measure.ts';
import { accept } from './rows/accept.ts';
import { backlog } from './rows/backlog.ts';
import { blocked } from './rows/blocked.ts';
import { commandLine } from './rows/command-line.ts';
import { cost } from './rows/cost.ts';
import { deadHook } from './rows/dead-hook.ts';
import { deliver } from './rows/deliver.ts';
import { fanOut } from './rows/fan-out.ts';
import { fanOutDelivered } from './rows/fan-out-delivered.ts';
import { filter } from './rows/filter.ts';
import { latency } from './rows/latency.ts';
import { listen } from './rows/listen.ts';
import { matcher } from './rows/matcher.ts';
import { noisyNeighbour } from './rows/noisy-neighbour.ts';
import { recipe } from './rows/recipe.ts';
import { refused } from './rows/refused.ts';
import { routing } from './rows/routing.ts';
import { start } from './rows/start.ts';
import { tail } from './rows/tail.ts';
import { template } from './rows/template.ts';
import { whole } from './rows/whole.ts';

const USAGE = `npm run bench -- [--only accept,latency] [--quick] [--json]
  --only   these rows: whole, accept, recipe, latency, deliver, fanOut, fanOutDelivered, routing, matcher, backlog, blocked,
           deadHook, noisyNeighbour, cost, filter, template, listen, tail, commandLine, start
  --quick  so little of each that the figures mean nothing: shows that the programs work; bounds do not count
  --json   all figures as JSON on standard output, progress on standard error`;

const ROWS = {
  whole,
  accept,
  recipe,
  latency,
  deliver,
  fanOut,
  fanOutDelivered,
  routing,
  matcher,
  backlog,
  blocked,
  deadHook,
  noisyNeighbour,
  refused,
  cost,
  filter,
  template,
  listen,
  tail,
  commandLine,
  start,
};
type RowName = keyof typeof ROWS;
const ROW_WITHIN_MS = 200_000;
const RUN_WITHIN_MS = 11.5 * 60_000;

const options = readOptions();
if (options === null) {
  console.error(USAGE);
  process.exit(2);
}
const { json, quick, rows } = options;
const startMs = performance.now();
const tell = json ? console.error : console.log;
const figures: Figure[] = [];
const errors: { row: RowName; error: string }[] = [];
{
  await using bench = await Bench.start(quick);
  for (const row of rows) {
    const endMs = Math.min(performance.now() + ROW_WITHIN_MS, startMs + RUN_WITHIN_MS);
    try {
      for (const figure of await withDeadline(ROWS[row](bench), endMs - performance.now())) {
        figures.push(figure);
        tell(asLine(figure));
      }
    } catch (error) {
      errors.push({ row, error: String(error) });
      tell(`${row}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      // A row that is late still goes on: nothing beside it could be measured.
      if (performance.now() >= endMs) break;
    }
  }
}
const run = {
  machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, ${process.platform}, Node ${process.version}`,
  at: new Date().toISOString(),
  seconds: Math.round((performance.now() - startMs) / 1000),
  isQuick: quick,
};
if (json) console.log(JSON.stringify({ ...run, ...asJson(figures), errors }, null, 2));
else console.log(`${run.seconds} s on ${run.machine}`);
process.exit(errors.length === 0 && (quick || figures.every(holds)) ? 0 : 1);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: Object.keys(ROWS).join(',') },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    return { quick: values.quick, json: values.json, rows: values.only.split(',').map(rowName) };
  } catch (error) {
    console.error((error as Error).message);
    return null;
  }
}

function rowName(text: string): RowName {
  if (!Object.hasOwn(ROWS, text)) throw new Error(`--only: expected names of rows, got ${text}`);
  return text as RowName;
}
