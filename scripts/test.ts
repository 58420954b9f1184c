/**
 * `npm test`: all that a contributor must pass. Every check runs even when an earlier one failed; the last line counts
 * the tests of all vitest projects, and the exit code is 0 only if everything passed. Arguments go to vitest.
 * `npm run check` is the same with the core tests alone. `npm run figures` prints how large the source is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const { tests: vitestArguments, isQuick } = argumentsOf(process.argv.slice(2));

/** Tool and arguments by the name of the check. */
const CHECKS: Readonly<Record<string, readonly [string, readonly string[]]>> = {
  format: ['prettier', ['--check', '--log-level', 'warn', '.']],
  lint: ['eslint', ['--max-warnings', '0', '.']],
  'types of the Worker': ['tsc', []],
  'types of the scripts': ['tsc', ['--project', 'tsconfig.node.json']],
  'types of the console': ['tsc', ['--project', 'console']],
};

const checks = Object.entries(CHECKS).map(([name, [tool, args]]) => ({
  name,
  passed: stage(name, () => run(tool, args)),
}));
const tests = stage(isQuick ? 'core tests' : 'tests', () => runTests(vitestArguments));

for (const { name, passed } of checks) console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
console.log(`${Math.round(performance.now() / 1000)} s in all`);
console.log(`${tests.counts.passed} passed, ${tests.counts.failed} failed, ${tests.counts.skipped} skipped`);
process.exitCode = tests.passed && checks.every(({ passed }) => passed) ? 0 : 1;

/** `--quick`: of the tests only those that need no runtime, as `npm run check` has it. */
function argumentsOf([first, ...others]: readonly string[]) {
  if (first === '--quick') return { isQuick: true, tests: ['--project', 'core', ...others] };
  return { isQuick: false, tests: first === undefined ? [] : [first, ...others] };
}

/** Says what begins, and how long it took. */
function stage<T>(name: string, work: () => T): T {
  console.log(`── ${name}`);
  const startedMs = performance.now();
  const result = work();
  console.log(`── ${name}: ${Math.round((performance.now() - startedMs) / 1000)} s`);
  return result;
}

function run(tool: string, args: readonly string[]): boolean {
  return (
    spawnSync(join(root, 'node_modules', '.bin', tool), args, { cwd: root, stdio: 'inherit' }).status === 0
  );
}

function runTests(args: readonly string[]): { passed: boolean; counts: Counts } {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const passed = run('vitest', ['run', ...reporters, ...args]);
    return { passed, counts: counts(report, passed) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function counts(report: string, passed: boolean): Counts {
  let result: Partial<
    Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>
  >;
  try {
    result = JSON.parse(readFileSync(report, 'utf8')) as typeof result;
  } catch {
    result = {};
  }
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = result;
  return {
    passed: numPassedTests,
    // A file that does not load, or an error outside any test, fails no test of its own.
    failed: passed ? numFailedTests : Math.max(1, numFailedTests),
    skipped: numPendingTests + numTodoTests,
  };
}
