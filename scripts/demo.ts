/**
 * `npm run demo`: a relay and a receiver of its own, three registrations (native, Deskera's way, SuperOffice's way),
 * bodies as both providers post them, what arrived, and the same at a program of this machine. Ends with 0 only if everything arrived and verified; leaves
 * nothing running and nothing on disk.
 */
import { atLocalhost } from './demo/at-localhost.ts';
import type { Command } from './demo/command.ts';
import { demonstrate } from './demo/demonstrate.ts';
import { openInbox } from './demo/inbox.ts';
import { ThrowawayRelay } from './demo/throwaway-relay.ts';

const inbox = await openInbox();
const relay = new ThrowawayRelay();
const stopping = new AbortController();
let cleaned: Promise<unknown> | null = null;
const commands: Command[] = [];
const cleanUp = () =>
  (cleaned ??= Promise.all([...commands.map((one) => one.end()), relay.remove(), inbox.close()]));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort();
    void cleanUp().finally(() => process.exit(1));
  });
}
try {
  const url = await relay.ready();
  const demonstrated = await demonstrate(url, relay.adminKey, inbox);
  await atLocalhost(url, relay.adminKey, inbox, demonstrated, commands);
} catch (error) {
  process.exitCode = 1;
  // What fails because the demo was told to stop is no news.
  if (!stopping.signal.aborted) {
    console.error(`\nFAILED: ${error instanceof Error ? error.message : String(error)}\n\n${relay.logs}`);
  }
} finally {
  await cleanUp();
}
