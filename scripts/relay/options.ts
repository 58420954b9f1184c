/** Where a local relay listens and keeps its data, read from the environment. All problems at once. */
import { resolve } from 'node:path';
import { StartProblem } from './start-problem.ts';

export interface RelayOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly dataFolder: string;
}

const HOST_PATTERN = /^(?:[a-z0-9.-]+|[0-9a-f:]*:[0-9a-f:.]*)$/i;

export function readOptions(env: NodeJS.ProcessEnv): RelayOptions {
  const problems: string[] = [];

  const portText = env.PORT ?? '';
  const port = portText === '' ? 8787 : /^\d{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (!(port <= 65_535)) problems.push('PORT: expected a whole number from 0 (any free port) to 65535');

  const host = env.HOST === undefined || env.HOST === '' ? '127.0.0.1' : env.HOST;
  if (!HOST_PATTERN.test(host)) problems.push('HOST: expected a host name or an IP address');

  const dataFolder = resolve(
    env.POSTHORN_DATA === undefined || env.POSTHORN_DATA === '' ? '.posthorn' : env.POSTHORN_DATA,
  );
  if (problems.length > 0) throw new StartProblem(problems.join('\n'));
  return { host, port, dataFolder };
}

/** The base URL of a listener; an IPv6 address goes in brackets. */
export function baseUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** An address to reach a listener at that listens on every interface. */
export function reachableHost(host: string): string {
  return host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
}
