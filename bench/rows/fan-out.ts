/** One event to many hooks: how the time until the last one has it grows with their number. */
import type { Bench } from '../bench.ts';
import { manyHooks } from '../many-hooks.ts';
import { type Figure, figure, interleaved, ratios } from '../measure.ts';
import { queuedMs } from '../queued.ts';

const LOOK_EVERY_MS = 10;
/** The hooks are served in order of their ids, so many at a time. */
const SERVED_AT_ONCE = 8;

export async function fanOut(bench: Bench): Promise<Figure[]> {
  const { dataFolder, tenant: made, groups } = await manyHooks(bench);
  await using relay = await bench.relay(dataFolder);
  const tenant = made.on(relay);
  const sides = groups.map(({ type, hookIds }) => [
    type,
    () => queuedMs(tenant, type, hookIds.slice(-SERVED_AT_ONCE), LOOK_EVERY_MS),
  ]);
  const results = await interleaved(
    bench.rounds,
    Object.fromEntries(sides) as Record<string, () => Promise<number>>,
  );
  const tookMs = groups.map(({ type }) => results[type] ?? []);
  const steps = tookMs.slice(1).map((larger, step) => ratios(larger, tookMs[step] ?? []));
  const steepest = tookMs[0]?.map((_, round) => Math.max(...steps.map((step) => step[round] ?? NaN))) ?? [];
  return [
    ...groups.map(({ size }, index) => {
      const perHookMs = tookMs[index]?.map((ms) => ms / size) ?? [];
      return figure(`fanOut.perHookMs.${GROUP_NAMES[index]}`, 'ms', perHookMs);
    }),
    figure('fanOut.growthPerStep', 'times', steepest, { atMost: 4 }),
  ];
}

/** The quick run has fewer hooks in each. */
const GROUP_NAMES = ['100', '300', '1000'] as const;
