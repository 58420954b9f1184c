/** What a relay takes of the machine: its Node host and its workerd, by the kernel's count. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { workerdsOf } from '../scripts/relay/orphans.ts';
import type { Relay } from '../test/support/relay.ts';

const NS_PER_MS = 1e6;
const MS_PER_TICK = 10;

export function residentMiB({ pid, dataDir }: Relay): number {
  const pids = [pid, ...workerdsOf(dataDir)];
  const table = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' });
  return table.split('\n').reduce((sum, kib) => sum + Number(kib), 0) / 1024;
}

/** Of its workerd, since it was started: all threads, and not what they waited for a processor. */
export function processorMs({ dataDir }: Relay): number {
  let ns = 0;
  for (const pid of workerdsOf(dataDir))
    for (const thread of readdirSync(`/proc/${pid}/task`))
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return ns / NS_PER_MS;
}

/** What a host process and its workerd have used of the processor since they were started, by the kernel's clock of 10 ms. */
export function treeProcessorMs(hostPid: number, dataFolder: string): number {
  return [hostPid, ...workerdsOf(dataFolder)].reduce((sum, pid) => sum + processMs(pid), 0);
}

/** With threads that have ended. */
function processMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  return (user + system) * MS_PER_TICK;
}

/** Of the whole tree: what is shared counts in parts. */
export function proportionalMiB(hostPid: number, dataFolder: string): number {
  const kib = [hostPid, ...workerdsOf(dataFolder)].map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]),
  );
  return kib.reduce((sum, each) => sum + each, 0) / 1024;
}
