/**
 * An event in binary mode: its attributes are headers, its data is the body. Source: CloudEvents 1.0.2, HTTP protocol
 * binding, 3.1.
 */
import { bodyText } from '../../core/body.ts';
import { isJsonMediaType, type BinaryEnvelope } from '../../core/envelope.ts';
import { readEnvelope, type EnvelopeProblem, type Publishing } from './publish.ts';

const PREFIX = 'ce-';
/** Any of these says that a request is in binary mode, if only by half. */
const TELLING = ['specversion', 'id', 'source', 'type'].map((name) => PREFIX + name);
/** Attributes that have a place of their own in binary mode. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['datacontenttype', 'content-type in its place'],
  ['data', 'the data as the body'],
  ['data_base64', 'the data as the body'],
]);
const TEXT_TYPE = /^(?:text\/|[^;]*[/+]xml\s*(?:;|$))/i;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;
const UTF8_CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

type Headers = ReadonlyMap<string, string>;

export function isBinary(headers: Headers): boolean {
  return TELLING.some((name) => headers.has(name));
}

/** `headers`: names in lower case. Problems name the headers. */
export function readBinary(headers: Headers, body: Uint8Array): Publishing {
  const contentType = headers.get('content-type') ?? '';
  const attributes: Record<string, string> = {};
  const problems: EnvelopeProblem[] = [];
  for (const [header, value] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const text = unescaped(value);
    const place = ELSEWHERE.get(name);
    if (place !== undefined) problems.push({ path: `header/${header}`, expected: place, got: 'a header' });
    else if (text === null)
      problems.push({ path: `header/${header}`, expected: 'percent-encoded UTF-8', got: 'other bytes' });
    else attributes[name] = text;
  }
  if (contentType !== '') attributes['datacontenttype'] = contentType;
  const text = JSON.stringify(attributes);
  const reading = readEnvelope(text);
  if (reading.kind === 'invalid') problems.push(...reading.problems.map(ofHeader));
  if (reading.kind === 'invalid' || problems.length > 0) return { kind: 'invalid', problems };
  const data = body.length === 0 ? null : dataKindOf(contentType, body);
  return { ...reading, binary: { attributes: text, data } };
}

/** JSON stays JSON and text stays text where they can; anything else is bytes. */
function dataKindOf(contentType: string, body: Uint8Array): BinaryEnvelope['data'] {
  const isJson = contentType === '' || isJsonMediaType(contentType);
  const read = isJson || isText(contentType) ? bodyText(body) : null;
  if (read === null || read.kind === 'not-utf-8') return 'data-base64';
  if (!isJson) return 'data-text';
  return read.kind === 'json' ? 'data' : 'data-base64';
}

function isText(contentType: string): boolean {
  const [, charset = 'utf-8'] = CHARSET.exec(contentType) ?? [];
  return TEXT_TYPE.test(contentType) && UTF8_CHARSETS.has(charset.toLowerCase());
}

/** Null: it is not what it stands for in UTF-8. A `%` in front of anything but two hex digits is a `%`. */
function unescaped(value: string): string | null {
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replace(/\\(.)/gs, '$1');
  try {
    return decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return null;
  }
}

function ofHeader({ path, expected, got }: EnvelopeProblem): EnvelopeProblem {
  const name = path.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  const header = name === 'datacontenttype' ? 'content-type' : PREFIX + name;
  return { path: name === '' ? 'header' : `header/${header}`, expected, got };
}
