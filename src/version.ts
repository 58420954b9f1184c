/** The version of package.json, as healthz and the user agent tell it. */
export { version as VERSION } from '../package.json';
