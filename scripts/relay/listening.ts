/** Where a relay listens, known before it does: the Worker is told, so that no delivery comes back to it. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** A port that is free now. Somebody else may take it before the relay does. */
export async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Every `host:port` at which this machine reaches a listener. One on all interfaces has all addresses and the machine's name. */
export function addressesOf(host: string, port: number): string[] {
  const isOnAllInterfaces = host === '0.0.0.0' || host === '::';
  const further = isOnAllInterfaces ? [hostname(), ...interfaceAddresses()] : [];
  return [host, ...further].map((name) => `${name.includes(':') ? `[${name}]` : name}:${port}`);
}

/** A zone such as `%eth0` cannot stand in a URL, so no target can name it. */
function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => address)
    .filter((address) => !address.includes('%') && !address.startsWith('fe80:'));
}
