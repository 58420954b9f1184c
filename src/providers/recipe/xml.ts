/**
 * XML as far as webhooks use it: elements, attributes, text. Names are local ones. A document with a DTD, and one that
 * is not well formed, is none: entities of its own are how XML does harm.
 */
import { type Document } from './document.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 50_000;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const NAME = String.raw`[\p{L}_][\p{L}\p{N}._-]*`;
const TAG = new RegExp(
  String.raw`<(/?)((?:${NAME}:)?${NAME})((?:\s+(?:${NAME}:)?${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>`,
  'uy',
);
const ATTRIBUTE = new RegExp(String.raw`(?:${NAME}:)?(${NAME})\s*=\s*(?:"([^"]*)"|'([^']*)')`, 'gu');
/** What says nothing: declarations, comments, processing instructions. */
const IGNORED = /<\?[^]*?\?>|<!--[^]*?-->/y;
const CDATA = /<!\[CDATA\[([^]*?)\]\]>/y;
const TEXT = /[^<]+/y;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
/** What the reference says; undefined: nothing that XML itself knows. */
function referred(decimal?: string, hex?: string, name?: string): string | undefined {
  if (name !== undefined) return ENTITIES.get(name);
  const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

interface Element {
  readonly name: string;
  readonly start: number;
  end: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Element[];
  content: string;
}

/** Null: the bytes are no such document. */
export function readXml(body: Uint8Array): Document | null {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return null;
  }
  const root = rootOf(text);
  return root === null ? null : new XmlDocument(text, root);
}

function rootOf(text: string): Element | null {
  const top: Element = {
    name: '',
    start: 0,
    end: text.length,
    attributes: new Map(),
    children: [],
    content: '',
  };
  const open: Element[] = [top];
  let nodes = 0;
  for (let at = 0; at < text.length;) {
    const inner = open.at(-1) ?? top;
    const plain = matchAt(TEXT, text, at) ?? matchAt(IGNORED, text, at);
    if (plain !== null) {
      if (!plain[0].startsWith('<')) {
        const content = withoutEntities(plain[0]);
        if (content === null) return null;
        inner.content += content;
      }
      at += plain[0].length;
      continue;
    }
    const cdata = matchAt(CDATA, text, at);
    if (cdata !== null) {
      inner.content += cdata[1] ?? '';
      at += cdata[0].length;
      continue;
    }
    const tag = matchAt(TAG, text, at);
    if (tag === null) return null;
    const [whole, closes, name = '', attributes = '', isEmpty] = tag;
    const start = at;
    at += whole.length;
    if (closes !== '') {
      if (open.length === 1 || inner.name !== name) return null;
      inner.end = at;
      open.pop();
      continue;
    }
    const element = { name, start, end: at, attributes: attributesOf(attributes), children: [], content: '' };
    inner.children.push(element);
    nodes += 1;
    if (nodes > MAX_NODES || open.length > MAX_DEPTH) return null;
    if (isEmpty === '') open.push(element);
  }
  const [root, ...others] = top.children;
  return open.length === 1 && root !== undefined && others.length === 0 && top.content.trim() === ''
    ? top
    : null;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function attributesOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', double, single = ''] of text.matchAll(ATTRIBUTE)) {
    found.set(name, withoutEntities(double ?? single) ?? '');
  }
  return found;
}

/** Null: an entity that XML itself does not know. */
function withoutEntities(text: string): string | null {
  if (!text.includes('&')) return text;
  const unknown = new Set<string>();
  const plain = text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));|&/g,
    (reference, decimal?: string, hex?: string, name?: string) => {
      const character = referred(decimal, hex, name);
      if (character === undefined) unknown.add(reference);
      return character ?? '';
    },
  );
  return unknown.size === 0 ? plain : null;
}

/** `/Envelope/Body/Item/@id`: children by local name, of several the first; a number behind a name is its place among them. */
class XmlDocument implements Document {
  readonly text: string;
  readonly #source: string;
  readonly #element: Element;

  constructor(source: string, element: Element) {
    this.#source = source;
    this.#element = element;
    this.text = source.slice(element.start, element.end);
  }

  scalar(pointer: string): string | null {
    const tokens = pointer.split('/').slice(1);
    const last = tokens.at(-1);
    if (last?.startsWith('@') === true) {
      const [owner] = this.#all(tokens.slice(0, -1));
      return owner?.attributes.get(last.slice(1)) ?? null;
    }
    const [found] = this.#all(tokens);
    return found === undefined || found.children.length > 0 ? null : found.content;
  }

  elements(pointer: string): Document[] | null {
    const found = this.#all(pointer.split('/').slice(1));
    return found.length === 0 ? null : found.map((element) => new XmlDocument(this.#source, element));
  }

  /** All that the last token names, in the first of what each one before it does. */
  #all(tokens: readonly string[]): readonly Element[] {
    let found: readonly Element[] = [this.#element];
    for (const token of tokens) {
      if (/^\d+$/.test(token)) {
        const one = found[Number(token)];
        found = one === undefined ? [] : [one];
      } else {
        found = (found[0]?.children ?? []).filter(({ name }) => name.slice(name.indexOf(':') + 1) === token);
      }
    }
    return found;
  }
}
