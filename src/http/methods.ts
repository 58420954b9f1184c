/** Which methods a path has, for the difference between 404 and 405. */
import type { Hono } from 'hono';
import type { AppEnv } from './context.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Sorted methods of the routes that match this path; none: there is no such path. */
export function allowedMethods(app: Hono<AppEnv>, path: string): string[] {
  const methods = app.routes
    .filter((route) => METHODS.some((known) => known === route.method) && fits(route.path, path))
    .map(({ method }) => method);
  return [...new Set(methods)].sort();
}

function fits(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const segments = path.split('/');
  return (
    wanted.length === segments.length &&
    wanted.every((segment, index) =>
      segment.startsWith(':') ? segments[index] !== '' : segment === segments[index],
    )
  );
}
