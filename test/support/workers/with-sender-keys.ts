/** The relay in a world in which the hosts of providers have the keys of the samples. */
import app from '../../../src/index.ts';
import { SERVED } from '../../providers/catalogue/sender-keys.ts';

export { EventLog, Hook, Switchboard, Tenants } from '../../../src/index.ts';

const send = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  const text = SERVED[url];
  return text === undefined ? send(input, init) : Promise.resolve(new Response(text));
};

export default app;
