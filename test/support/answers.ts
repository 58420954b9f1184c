/**
 * Holds every answer of a relay against its own /openapi.json: the status must be documented for that route, the
 * content type too, and the body must fit the schema that stands there.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

interface Response {
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

export interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const PROBLEM = 'application/problem+json';
/** The schema is that of each line. */
const NDJSON = 'application/x-ndjson';

const known = new Map<string, Promise<Answers>>();

/** The answers of the relay at that URL; its document is read once. */
export async function answersOf(url: string): Promise<Answers> {
  const { origin } = new URL(url);
  const reading = known.get(origin) ?? read(origin);
  known.set(origin, reading);
  try {
    return await reading;
  } catch (error) {
    known.delete(origin);
    throw error;
  }
}

async function read(origin: string): Promise<Answers> {
  const response = await fetch(`${origin}/openapi.json`);
  return new Answers((await response.json()) as ApiDocument);
}

export class Answers {
  readonly document: ApiDocument;
  readonly #ajv = new Ajv2020({ strict: false });

  constructor(document: ApiDocument) {
    this.document = document;
    addFormats(this.#ajv);
    this.#ajv.addSchema(document, 'api');
  }

  /** The schema at that place of the document, the parts of a JSON Pointer. */
  schema(...parts: readonly string[]): ValidateFunction {
    const pointer = parts
      .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
      .join('');
    const validate = this.#ajv.getSchema(`api#${pointer}`);
    if (validate === undefined) throw new Error(`openapi.json has no ${pointer}`);
    return validate;
  }

  /** The documented path of a request's path; undefined: it has none. A slash at the end is tolerated where it is at all. */
  route(path: string): string | undefined {
    const segments = new URL(path, 'http://relay').pathname.replace(/\/$/, '').split('/');
    return Object.keys(this.document.paths).find((template) => {
      const wanted = template.split('/');
      return (
        wanted.length === segments.length &&
        wanted.every((part, at) => (part.startsWith('{') ? segments[at] !== '' : part === segments[at]))
      );
    });
  }

  /** Throws unless the document foresees this answer. */
  check(method: string, path: string, { status, headers, text }: Answered): void {
    const call = `${method} ${path}: ${status}`;
    const mediaType = headers.get('content-type')?.split(';')[0] ?? null;
    const route = this.route(path);
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = route === undefined ? undefined : this.document.paths[route]?.[verb];
    if (route === undefined || operation === undefined) {
      if (status !== 404 && status !== 405) throw new Error(`${call} of a route that is not documented`);
      this.#checkBody(call, mediaType, text, ['components', 'schemas', 'Problem']);
      return;
    }
    const responses = [String(status), `${String(status).charAt(0)}XX`];
    const [documented = ''] = responses.filter((name) => operation.responses[name] !== undefined);
    const answer = operation.responses[documented];
    if (answer === undefined) throw new Error(`${call} is not documented`);
    const types = Object.keys(answer.content ?? {});
    if (method === 'HEAD' || (types.includes('*/*') && !types.includes(mediaType ?? ''))) return;
    if (types.length === 0) {
      if (text !== '') throw new Error(`${call}: documented without a body, got ${text.slice(0, 200)}`);
      return;
    }
    if (mediaType === null || !types.includes(mediaType)) {
      throw new Error(`${call}: documented as ${types.join(', ')}, got ${String(mediaType)}`);
    }
    const place = ['paths', route, verb, 'responses', documented, 'content', mediaType, 'schema'];
    this.#checkBody(call, mediaType, text, place);
  }

  #checkBody(call: string, mediaType: string | null, text: string, schema: readonly string[]): void {
    if (schema[0] === 'components' && mediaType !== PROBLEM) {
      throw new Error(`${call}: expected ${PROBLEM}, got ${String(mediaType)}`);
    }
    const validate = this.schema(...schema);
    if (mediaType === NDJSON) {
      for (const line of text.split('\n').filter((some) => some !== '')) {
        if (!validate(JSON.parse(line)))
          throw new Error(`${call}: ${this.#ajv.errorsText(validate.errors)} in ${line.slice(0, 1000)}`);
      }
      return;
    }
    const isJson = mediaType === null || /\bjson$/.test(mediaType);
    const body: unknown = isJson ? JSON.parse(text) : text;
    if (mediaType === PROBLEM && (body as { status: unknown }).status !== Number(call.slice(-3))) {
      throw new Error(`${call}: the problem says another status: ${text}`);
    }
    if (validate(body)) return;
    throw new Error(`${call}: ${this.#ajv.errorsText(validate.errors)} in ${text.slice(0, 1000)}`);
  }
}
