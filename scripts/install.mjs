/**
 * Runs before every script: `npm ci` when node_modules is absent or does not match package-lock.json, else nothing.
 * Plain JavaScript for Node 20: on a fresh clone the pinned Node of node_modules is not there yet.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!installed()) install();
if (!runsTypeScript()) {
  console.error(
    'The Node that the scripts run on is missing: npm installed the dependencies without their install',
  );
  console.error('scripts. Run `npm rebuild node`, then try again.');
  process.exit(1);
}

/** npm writes the hidden lockfile last: an install that was cut short has none. */
function installed() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf(join('node_modules', '.package-lock.json'));
  if (wanted === null || present === null) return false;
  const same = (path) =>
    present[path]?.version === wanted[path]?.version && present[path]?.integrity === wanted[path]?.integrity;
  return (
    Object.keys(present).every(same) &&
    Object.keys(wanted).every((path) => path === '' || wanted[path].optional || same(path))
  );
}

/** The pinned Node does; without it the scripts run on the Node that runs this one. */
function runsTypeScript() {
  const pinned = ['node', 'node.exe'].map((name) => join(root, 'node_modules', 'node', 'bin', name));
  return pinned.some((file) => existsSync(file)) || process.features.typescript;
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return null;
  }
}

function install() {
  console.error('Installing dependencies (npm ci)…');
  // npm must not run on the Node inside the node_modules it is about to replace.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')));
  const { status, error, stdout, stderr } = spawnSync('npm', ['ci', '--loglevel=error', '--no-progress'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.error(error?.message ?? `${stdout}${stderr}`);
    console.error('npm ci failed.');
    process.exit(1);
  }
}
