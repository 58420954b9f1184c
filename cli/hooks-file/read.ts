/** A file of sources and hooks: its YAML, checked by the relay's own schema, with the line of what is wrong. */
import { LineCounter, isMap, isScalar, parseDocument, type Document, type Node } from 'yaml';
import { usage } from '../exit.ts';

export type Members = Readonly<Record<string, unknown>>;

export interface HooksFile {
  readonly sources: Readonly<Record<string, Members>>;
  readonly hooks: Readonly<Record<string, Members>>;
}

type Path = readonly (string | number)[];

/** As the schema's validator finds them. */
interface Mistake {
  readonly instancePath: string;
  readonly keyword: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** With the references filled in. Throws a usage error that names every mistake with its path and line. */
export async function readHooksFile(
  text: string,
  schema: object,
  env: Readonly<Record<string, string | undefined>>,
): Promise<HooksFile> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (path: Path) => `line ${lines.linePos(offsetOf(document, path)).line}, ${pointerOf(path)}`;
  const [broken] = document.errors;
  if (broken !== undefined) throw usage(broken.message);
  const value = (document.toJS() ?? {}) as Partial<HooksFile>;
  const mistakes = (await mistakesIn(value, schema)).map((mistake) => mistakeText(mistake, at));
  if (mistakes.length > 0) throw usage(mistakes.join('\n'));
  const open = openSecrets(value, at);
  if (open.length > 0) throw usage(open.join('\n'));
  const missing: string[] = [];
  const filled = fill(value, [], (name, path) => {
    const found = env[name];
    if (found === undefined || found === '') missing.push(`${at(path)}: ${name} is not in the environment`);
    return found ?? '';
  }) as Partial<HooksFile>;
  if (missing.length > 0) throw usage(missing.join('\n'));
  return { sources: filled.sources ?? {}, hooks: filled.hooks ?? {} };
}

async function mistakesIn(value: unknown, schema: object): Promise<readonly Mistake[]> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  return validate(value) ? [] : ((validate.errors ?? []) as readonly Mistake[]);
}

function mistakeText(
  { instancePath, keyword, message = '', params }: Mistake,
  at: (path: Path) => string,
): string {
  const path = instancePath.split('/').slice(1).map(unescaped);
  const unknown = params['additionalProperty'];
  if (keyword === 'additionalProperties' && typeof unknown === 'string') {
    return `${at([...path, unknown])}: unknown member`;
  }
  const name = params['propertyName'];
  if (typeof name === 'string')
    return `${at([...path, name])}: a uid is a-z, 0-9, dots, dashes and underscores`;
  return `${at(path)}: ${message}`;
}

const REFERENCE = /\$\{([A-Za-z_]\w*)\}/g;
/** Texts in languages of their own, where the same characters may mean something else. */
const NOT_FILLED = ['filters', 'template', 'recipe'];

function fill(value: unknown, path: Path, resolve: (name: string, path: Path) => string): unknown {
  if (typeof value === 'string') return value.replaceAll(REFERENCE, (_, name: string) => resolve(name, path));
  if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index], resolve));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    path.length === 2 && NOT_FILLED.includes(name)
      ? (member as unknown)
      : fill(member, [...path, name], resolve),
  ]);
  return Object.fromEntries(members) as unknown;
}

/** What would lie in the file for everybody to read. */
const SECRETS =
  /^\/(?:sources|hooks)\/[^/]+\/(?:secret|auth\/(?:token|password|clientSecret)|signatures\/\d+\/secret|site\/(?:authorization|appToken)|headers\/authorization)$/i;

function openSecrets(value: unknown, at: (path: Path) => string): string[] {
  const open: string[] = [];
  walk(value, [], (text, path) => {
    if (SECRETS.test(pointerOf(path)) && text.search(REFERENCE) < 0) {
      open.push(`${at(path)}: a secret is written as \${NAME} of the environment, not as it is`);
    }
  });
  return open;
}

export function walk(value: unknown, path: Path, see: (text: string, path: Path) => void): void {
  if (typeof value === 'string') see(value, path);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) walk(member, [...path, name], see);
  }
}

function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function unescaped(step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Where the member stands: its name, if it has one. */
function offsetOf(document: Document, path: Path): number {
  const parent =
    path.length === 1 ? document.contents : (document.getIn(path.slice(0, -1), true) as Node | undefined);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
    : undefined;
  const node = (pair?.key ?? (path.length === 0 ? document.contents : document.getIn(path, true))) as
    Node | null | undefined;
  return node?.range?.[0] ?? 0;
}
