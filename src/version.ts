/** The version of package.json, as healthz tells it and every request of the relay. */
import { version } from '../package.json';

export const VERSION = version;
export const USER_AGENT = `Posthorn/${VERSION}`;
