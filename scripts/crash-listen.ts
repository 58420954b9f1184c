/**
 * `npm run crash:listen`: `posthorn listen` forwards thousands of events while it is killed and put to sleep, and the
 * relay is killed as well; tells what was lost, out of order or double. Loopback only, on a data folder of its own; ends
 * what it started and nothing else. Exit code 1 on any violation.
 */
import { parseArgs } from 'node:util';
import { listenRun, type ListenReport } from '../test/support/crash/listen-run.ts';

const USAGE = `npm run crash:listen -- [--events 10000] [--kills 100] [--relay-kills 10] [--sleep 60] [--rate 120] [--seed 1] [--json]
  --events       to be accepted, 1 to 100000
  --kills        of each of the two clients, 0 to 1000
  --relay-kills  0 to 100
  --sleep        seconds for which the clients are stopped, once, 0 to 600
  --rate         events a second, 1 to 1000
  --json         the report as JSON on standard output, progress on standard error`;
const SHOWN_VIOLATIONS = 20;

const options = readOptions();
if (options === null) {
  console.error(USAGE);
  process.exit(2);
}
const { json, ...run } = options;
const report = await listenRun({ ...run, say: json ? console.error : console.log });
if (json) console.log(JSON.stringify(report, null, 2));
else print(report);
process.exit(report.violations.length === 0 ? 0 : 1);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        events: { type: 'string', default: '10000' },
        kills: { type: 'string', default: '100' },
        'relay-kills': { type: 'string', default: '10' },
        sleep: { type: 'string', default: '60' },
        rate: { type: 'string', default: '120' },
        seed: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      events: number('events', values.events, 1, 100_000),
      clientKills: number('kills', values.kills, 0, 1000),
      relayKills: number('relay-kills', values['relay-kills'], 0, 100),
      sleepSeconds: number('sleep', values.sleep, 0, 600),
      eventsPerSecond: number('rate', values.rate, 1, 1000),
      seed: number('seed', values.seed, 0, 2 ** 32),
      json: values.json,
    };
  } catch (error) {
    console.error((error as Error).message);
    return null;
  }
}

function number(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new Error(`--${name}: expected a whole number from ${low} to ${high}, got ${text}`);
}

function print({ clients, violations, ...figures }: ListenReport): void {
  console.table(clients.map(({ exits, ...client }) => ({ ...client, exits: JSON.stringify(exits) })));
  console.log(
    `seed ${figures.seed}: ${figures.accepted} accepted, the relay killed ${figures.relayKills} times, ` +
      `${(figures.elapsedMs / 1000).toFixed(1)} s`,
  );
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`VIOLATION ${violation}`);
  console.log(`${violations.length} violations`);
}
