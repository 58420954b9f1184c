/**
 * `npm run crash`: kills a relay at random moments while events come and go, and tells what was lost, late or double.
 * Loopback only, on a data folder of its own; ends what it started and nothing else. Exit code 1 on any violation.
 */
import { parseArgs } from 'node:util';
import { type CrashReport, crash } from '../test/support/crash/run.ts';

const USAGE = `npm run crash -- [--rounds 10] [--seed 1] [--seconds 2] [--rate 120] [--json]
  --rounds   kills, 1 to 100
  --seed     of the moments and kinds of the kills, of failures and of pace
  --seconds  of posting before each kill, 0.1 to 60
  --rate     events a second, 1 to 1000
  --json     the report as JSON on standard output, progress on standard error`;
const SHOWN_VIOLATIONS = 20;

const options = readOptions();
if (options === null) {
  console.error(USAGE);
  process.exit(2);
}
const { json, ...run } = options;
const report = await crash({ ...run, say: json ? console.error : console.log });
if (json) console.log(JSON.stringify(report, null, 2));
else print(report);
process.exit(report.violations.length === 0 ? 0 : 1);

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '10' },
        seed: { type: 'string', default: '1' },
        seconds: { type: 'string', default: '2' },
        rate: { type: 'string', default: '120' },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      rounds: Math.floor(number('rounds', values.rounds, 1, 100)),
      seed: number('seed', values.seed, 0, 2 ** 32),
      seconds: number('seconds', values.seconds, 0.1, 60),
      eventsPerSecond: number('rate', values.rate, 1, 1000),
      json: values.json,
    };
  } catch (error) {
    console.error((error as Error).message);
    return null;
  }
}

function number(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (!(value >= low && value <= high)) throw new Error(`--${name}: expected ${low} to ${high}, got ${text}`);
  return value;
}

function print({ targets, violations, kills, ...figures }: CrashReport): void {
  console.table(targets);
  console.log(`seed ${figures.seed}, ${kills.length} kills: ${kills.join(', ')}`);
  console.log(
    `${figures.accepted} accepted in ${figures.posts} posts (${figures.lostAnswers} lost their first 200), ` +
      `${figures.expectedDeliveries} deliveries in ${figures.attempts} attempts, ${figures.duplicates} duplicates`,
  );
  console.log(
    `${figures.batches} lists of 100 events, of which ${figures.lostBatchAnswers} lost their first 200`,
  );
  console.log(
    `${(figures.elapsedMs / 1000).toFixed(1)} s, of which ${(figures.drainMs / 1000).toFixed(1)} s to drain`,
  );
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`VIOLATION ${violation}`);
  console.log(`${violations.length} violations`);
}
