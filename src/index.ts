/** The Worker and its objects. Wires, nothing else. */
import type { Env } from './env.ts';
import { createApp } from './http/app.ts';

export { EventLog } from './event-log/event-log.ts';
export { Hook } from './hook/hook.ts';
export { Switchboard } from './switchboard/switchboard.ts';
export { Tenants } from './tenants/tenants.ts';

export default createApp() satisfies ExportedHandler<Env>;
