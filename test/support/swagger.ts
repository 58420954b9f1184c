/**
 * Holds answers of the SuperOffice dialect against the vendor's own swagger files. Three things of .NET are not said
 * there: any member may be null, `object` stands for any value, and a time without a zone is a `date-time`.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { inject } from 'vitest';

/** Texts of the files; null: there are none on this machine. */
export type SwaggerFiles = readonly string[] | null;

declare module 'vitest' {
  interface ProvidedContext {
    swaggers: SwaggerFiles;
  }
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Swagger {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, { readonly properties?: object }>>;
}

const swaggers = (provided() ?? []).map((text) => JSON.parse(text) as Swagger);
const ajv = new Ajv({ strict: false });
addFormats(ajv);

/** What test/support shares with `npm run crash` and `npm run bench` runs outside vitest too: nothing is provided there. */
function provided(): SwaggerFiles {
  try {
    return inject('swaggers');
  } catch {
    return null;
  }
}

export const noSwagger = swaggers.length === 0;

/** `GET /api/v1/Webhook/{id}` and all others that the vendor documents. */
export function swaggerCalls(): string[] {
  return swaggers.flatMap(({ paths }) =>
    Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
}

/** The names of a webhook's members. */
export function swaggerMembers(): string[] {
  const names = swaggers.flatMap(({ definitions }) =>
    Object.entries(definitions)
      .filter(([name]) => /\.(?:Webhook|WebhookWithLinks)$/.test(name))
      .flatMap(([, { properties = {} }]) => Object.keys(properties)),
  );
  return [...new Set(names)];
}

/** Throws if the vendor documents this call with another answer. `path`: with or without a tenant in front. */
export function checkBySwagger(method: string, path: string, status: number, text: string): void {
  const found = operationOf(method, path);
  if (found === undefined || status === 304) return;
  const { call, swagger, operation } = found;
  const response = operation.responses[String(status)];
  if (response === undefined) {
    if (status < 400) throw new Error(`${call}: ${status} is not the vendor's`);
    return;
  }
  if (status === 204 && text !== '') throw new Error(`${call}: expected no body, got ${text}`);
  if (response.schema === undefined) return;
  const validate = validatorOf(swagger, call, status, response.schema);
  if (validate(JSON.parse(text))) return;
  throw new Error(`${call}: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 1000)}`);
}

function operationOf(method: string, path: string) {
  // PATCH is documented on the vendor's pages alone; it answers as PUT does.
  const verb = method === 'PATCH' ? 'put' : method.toLowerCase();
  const asked = path.replace(/^\/[^/]+(?=\/api\/v1\/)/i, '').replace(/\/$/, '');
  for (const swagger of swaggers) {
    for (const [template, item] of Object.entries(swagger.paths)) {
      const pattern = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`, 'i');
      const operation = item[verb];
      if (operation !== undefined && pattern.test(asked))
        return { call: `${verb.toUpperCase()} ${template}`, swagger, operation };
    }
  }
  return undefined;
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(
  { definitions }: Swagger,
  call: string,
  status: number,
  schema: object,
): ValidateFunction {
  const key = `${call} ${status}`;
  const known = validators.get(key) ?? ajv.compile(asDotNetMeansIt({ ...schema, definitions }) as object);
  validators.set(key, known);
  return known;
}

function asDotNetMeansIt(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asDotNetMeansIt);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, $ref, enum: values, format, properties, additionalProperties, ...others } = schema as Members;
  if (typeof $ref === 'string') {
    // JSON Schema ignores what stands beside a reference: the definitions do at the top of an answer.
    return { anyOf: [{ $ref }, { type: 'null' }], ...mapped(others) };
  }
  return {
    ...mapped(others),
    ...(typeof type === 'string' ? { type: [type, 'null'] } : {}),
    ...(Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {}),
    ...(format === undefined ? {} : { format: format === 'date-time' ? 'iso-date-time' : format }),
    ...(typeof properties === 'object' && properties !== null
      ? { properties: mapped(properties as Members), additionalProperties: false }
      : {}),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: isAnything(additionalProperties) || asDotNetMeansIt(additionalProperties) }
      : {}),
  };
}

type Members = Readonly<Record<string, unknown>>;

function mapped(members: Members): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      name === 'definitions' ? mapped(member as Members) : asDotNetMeansIt(member),
    ]),
  );
}

function isAnything(schema: unknown): boolean {
  return JSON.stringify(schema) === '{"type":"object"}';
}
