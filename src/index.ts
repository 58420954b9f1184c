/** The Worker and its objects. Wires, nothing else. */
import type { Env } from './env.ts';
import { createApp } from './http/app.ts';

export { EventLog } from './event-log/event-log.ts';
export { Hook } from './hook/hook.ts';
export { Switchboard } from './switchboard/switchboard.ts';
export { Tenants } from './tenants/tenants.ts';

// The handler alone: an app as the default export would offer its methods to whoever opens an RPC session with the Worker.
export default { fetch: createApp().fetch } satisfies ExportedHandler<Env>;
