/** Requests to an inbound URL, and what a provider reads in them. */
import {
  type Arrived,
  type Facts,
  type Paths,
  type Provider,
  type Reading,
} from '../../src/providers/provider.ts';

export const SOURCE_ID = 'src_1';

export function arrived(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  pathEventType: string | null = null,
): Arrived {
  return {
    method: 'POST',
    url: 'https://relay.example.com/in/token',
    body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    headers: new Map(Object.entries(headers)),
    pathEventType,
  };
}

export function read(provider: Provider, request: Arrived, paths: Paths = {}): Reading {
  return provider.read(request, { paths, sourceId: SOURCE_ID, assurance: 'none' });
}

/** The facts of a request that is an event. */
export function factsOf(provider: Provider, request: Arrived, paths: Paths = {}): Facts {
  const reading = read(provider, request, paths);
  const [item, ...more] = reading.kind === 'events' ? reading.items : [];
  if (item === undefined || more.length > 0)
    throw new Error(`expected an event, got ${JSON.stringify(reading)}`);
  return item.facts;
}
