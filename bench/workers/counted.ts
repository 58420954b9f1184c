/**
 * The relay with a meter: what its objects read and write, by SQLite's own count, the alarms they set, and how often
 * they are called or woken. `GET /bench/meter` reads it.
 */
import app, * as relay from '../../src/index.ts';
import type { Env } from '../../src/env.ts';
import type { Meter } from './asked.ts';

const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
let alarmsSet = 0;
let objectRequests = 0;
let switchboardRequests = 0;
let kvReads = 0;

const wrapped = new WeakSet();

/** Makes every call of a method tell `count` what it gave. All objects of a Worker share an isolate, hence prototypes. */
function wrap(instance: object, name: string, count: (result: unknown) => void): void {
  const prototype = Object.getPrototypeOf(instance) as object;
  if (wrapped.has(prototype)) return;
  wrapped.add(prototype);
  const method = Reflect.get(prototype, name) as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    value(this: unknown, ...args: unknown[]): unknown {
      const result = method.apply(this, args);
      count(result);
      return result;
    },
  });
}

type ObjectClass = new (ctx: DurableObjectState, env: Env) => object;

/** The same class; each call of one of its methods, and each alarm, is a request. */
function meteredClass<T extends ObjectClass>(Original: T, requested: () => void): T {
  const Metered = class extends (Original as ObjectClass) {
    constructor(ctx: DurableObjectState, env: Env) {
      wrap(ctx.storage.sql, 'exec', (cursor) => cursors.push(cursor as (typeof cursors)[number]));
      wrap(ctx.storage, 'setAlarm', () => (alarmsSet += 1));
      super(ctx, env);
    }
  };
  for (const name of Object.getOwnPropertyNames(Original.prototype)) {
    const method = Object.getOwnPropertyDescriptor(Original.prototype, name)?.value as unknown;
    if (name === 'constructor' || typeof method !== 'function') continue;
    Object.defineProperty(Metered.prototype, name, {
      value(this: unknown, ...args: unknown[]): unknown {
        requested();
        return Reflect.apply(method as (...args: unknown[]) => unknown, this, args);
      },
    });
  }
  return Metered as unknown as T;
}

const ofAnEvent = () => (objectRequests += 1);
/** By the clock: each isolate asks it every few seconds while it has something to do. */
const byTheClock = () => (switchboardRequests += 1);

export const EventLog = meteredClass(relay.EventLog, ofAnEvent);
export const Hook = meteredClass(relay.Hook, ofAnEvent);
export const Switchboard = meteredClass(relay.Switchboard, byTheClock);
export const Tenants = meteredClass(relay.Tenants, ofAnEvent);

function reading(): Meter {
  let rowsRead = 0;
  let rowsWritten = alarmsSet;
  for (const cursor of cursors) {
    rowsRead += cursor.rowsRead;
    rowsWritten += cursor.rowsWritten;
  }
  return { rowsRead, rowsWritten, objectRequests, switchboardRequests, kvReads };
}

export default {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Response | Promise<Response> {
    wrap(env.REGISTRY, 'get', () => (kvReads += 1));
    return new URL(request.url).pathname === '/bench/meter'
      ? Response.json(reading())
      : app.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;
