/**
 * How much is drawn and from which seed: `POSTHORN_FUZZ_SEED` and `POSTHORN_FUZZ_RUNS` (a factor) override, so that a failure can be made
 * again and a night can be spent. fast-check prints the seed and the smallest body that fails.
 */
const SEED = 20_261_122;

const { POSTHORN_FUZZ_SEED: FUZZ_SEED, POSTHORN_FUZZ_RUNS: FUZZ_RUNS } = process.env;

export const fuzz = (numRuns: number) => ({
  seed: FUZZ_SEED === undefined ? SEED : Number(FUZZ_SEED),
  numRuns: Math.ceil(numRuns * Number(FUZZ_RUNS ?? 1)),
});
