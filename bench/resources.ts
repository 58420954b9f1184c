/** What a relay takes of the machine: its Node host and its workerd, by the kernel's count. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { workerdsOf } from '../scripts/relay/orphans.ts';
import type { Relay } from '../test/support/relay.ts';

const NS_PER_MS = 1e6;

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
