/**
 * `npm test`: all that a contributor must pass. Every check runs even when an earlier one failed; the last line counts
 * the tests of all vitest projects, and the exit code is 0 only if everything passed. Arguments go to vitest.
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

const checks = {
  format: run('prettier', ['--check', '--log-level', 'warn', '.']),
  lint: run('eslint', ['--max-warnings', '0', '.']),
  'types of the Worker': run('tsc', []),
  'types of the scripts': run('tsc', ['--project', 'tsconfig.node.json']),
  'types of the console': run('tsc', ['--project', 'console']),
};
const tests = runTests(process.argv.slice(2));

for (const [name, passed] of Object.entries(checks)) console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}`);
console.log(`${tests.counts.passed} passed, ${tests.counts.failed} failed, ${tests.counts.skipped} skipped`);
process.exitCode = tests.passed && Object.values(checks).every(Boolean) ? 0 : 1;

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
