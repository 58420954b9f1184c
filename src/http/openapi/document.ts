/** `/openapi.json`: the API's document, made from the same definitions that validate its requests. */
import type { AnyRoute, SecurityScheme } from '../api.ts';
import { deliveriesOf } from './deliveries.ts';
import { operationOf } from './operation.ts';
import { Schemas, type Json } from './schemas.ts';
import { TAGS } from '../tags.ts';

export interface ApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json & { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly Json[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  /** What the relay calls: the deliveries. */
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

const SECURITY_SCHEMES: Readonly<Record<SecurityScheme, Json>> = {
  key: { type: 'http', scheme: 'bearer', description: 'A tenant’s key, or the admin key.' },
  basic: { type: 'http', scheme: 'basic', description: 'Any user name, with a key as the password.' },
  ticket: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'SOTicket and a key, with a space in between.',
  },
  accessToken: { type: 'apiKey', in: 'header', name: 'x-access-token', description: 'A key.' },
};

export function openApiDocument(routes: readonly AnyRoute[], version: string): ApiDocument {
  const schemas = new Schemas();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    (paths[route.path] ??= {})[route.method] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Posthorn',
      version,
      description: 'A webhook relay: verified in, stored, delivered signed, retried and in order.',
      contact: { name: 'The Posthorn authors' },
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The relay that serves this document.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    webhooks: deliveriesOf(schemas),
    components: { schemas: schemas.shared, securitySchemes: SECURITY_SCHEMES },
  };
}
