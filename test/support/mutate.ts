/**
 * Bodies that are almost right: valid JSON of the caller's, changed where parsers tend to break. A change is structural
 * (a member dropped, doubled, renamed, of another type, far too deep), textual (cut, a stray character, a byte order
 * mark) or of the bytes. The same draw gives the same body.
 */
import fc from 'fast-check';

type Tree =
  | { readonly kind: 'object'; readonly members: [name: string, value: Tree][] }
  | { readonly kind: 'array'; readonly items: Tree[] }
  | { readonly kind: 'text'; readonly text: string };

const DEEP = 400;
/** JSON texts that stand in for a value; some are no JSON. */
const VALUES = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '100.0', '1e3', '1e999', '0.1e-400', '5.5'],
  ...['2147483647', '2147483648', '9007199254740993', '9223372036854775808', '9'.repeat(400)],
  ...[
    '""',
    '" "',
    '"0"',
    '"test"',
    '"a.b"',
    '"contact.changed"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
  ],
  ...['"\u{1f600}"', '"\\r\\nx: y"', '"../../x"', '"https://example.com/"', '"0001-01-01T00:00:00Z"', '"*"'],
  ...['"/0/-"', '"~2"', '"********"', `"${'x'.repeat(5000)}"`, `"${'.'.repeat(300)}"`],
  ...[
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '[1,"a",{}]',
    '{"":1}',
    '{"__proto__":{"Event":"a.b"}}',
    '{"id":{"id":1}}',
  ],
  ...['[{"op":"test","path":"","value":1}]', '{"toJSON":1,"valueOf":null,"constructor":{"prototype":null}}'],
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  ...['NaN', 'undefined', '01', "'a'", '"\\x"', '"\u0001"', '', ',', '/**/1'],
] as const;
const NAMES = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '',
    ' ',
    '0',
    '-1',
    '\ud800',
  ],
  ...[
    'id',
    'ID',
    'type',
    'event',
    'Event',
    'data',
    'value',
    'path',
    'op',
    'Secret',
    'secret',
    'WebhookId',
    'x'.repeat(500),
  ],
] as const;
const SNIPPETS = [
  ...['{', '}', '[', ']', ',', ':', '"', '\\', '0', '-', '.', 'e', '+', ' ', '\n', '\u0000', '\u00e9'],
  '\ufeff',
  '\u2028',
  'null',
  '/*',
  '"":',
  '""',
] as const;
const BYTES = [0x00, 0x22, 0x7b, 0x80, 0xbf, 0xc0, 0xc3, 0xed, 0xf4, 0xff] as const;

const CHANGES = [
  'drop',
  'double',
  'rename',
  'replace',
  'replace',
  'replace',
  'wrap',
  'cut',
  'insert',
  'bytes',
] as const;

interface Change {
  readonly what: (typeof CHANGES)[number];
  readonly at: number;
  readonly by: number;
}

const change: fc.Arbitrary<Change> = fc.record({
  what: fc.constantFrom(...CHANGES),
  at: fc.nat(0xffff),
  by: fc.nat(0xffff),
});

/** Of the bodies as they are about one in six; the others changed in one to four places. */
export function mutated(bodies: readonly string[]): fc.Arbitrary<Uint8Array> {
  const trees = bodies.map((body) => treeOf(JSON.parse(body) as unknown));
  return fc
    .tuple(fc.nat(bodies.length - 1), fc.array(change, { maxLength: 4 }))
    .map(([index, changes]) => readable(changedBy(bodies[index] ?? '', trees[index], changes)));
}

/** Anything at all: bytes, text, JSON. */
export function random(): fc.Arbitrary<Uint8Array> {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  return fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 40 }).map(utf8),
    fc.json({ maxDepth: 3 }).map(utf8),
  );
}

/** Shown as text in a report, where bytes would say little. */
function readable(bytes: Uint8Array): Uint8Array {
  const shown = () => JSON.stringify(new TextDecoder().decode(bytes));
  return Object.defineProperty(bytes, fc.toStringMethod, { value: shown });
}

function changedBy(body: string, tree: Tree | undefined, changes: readonly Change[]): Uint8Array {
  let root = tree;
  for (const { what, at, by } of changes) root = root && restructured(root, what, at, by);
  // The body's own layout survives where nothing of its structure changed.
  let text = root === tree || root === undefined ? body : textOf(root);
  for (const { what, at, by } of changes) {
    const place = at % (text.length + 1);
    if (what === 'cut') text = by % 4 === 0 ? text.slice(place) : text.slice(0, place);
    if (what === 'insert') {
      const snippet = pick(SNIPPETS, by);
      text = snippet === '\ufeff' ? snippet + text : text.slice(0, place) + snippet + text.slice(place);
    }
  }
  let bytes = new TextEncoder().encode(text);
  for (const { what, at, by } of changes) {
    if (what !== 'bytes') continue;
    if (by % 16 === 0) bytes = utf16(text);
    else bytes[at % Math.max(1, bytes.length)] = pick(BYTES, by);
  }
  return bytes;
}

/** The same tree but for one node, which `at` picks; the tree itself for a change that is not of the structure. */
function restructured(root: Tree, what: Change['what'], at: number, by: number): Tree {
  if (what === 'cut' || what === 'insert' || what === 'bytes') return root;
  let left = at % countOf(root);
  const visit = (node: Tree): Tree => {
    left -= 1;
    if (left < 0) {
      left = Infinity;
      return altered(node, what, by);
    }
    if (node.kind === 'object') {
      return { kind: 'object', members: node.members.map(([name, value]) => [name, visit(value)]) };
    }
    return node.kind === 'array' ? { kind: 'array', items: node.items.map(visit) } : node;
  };
  return visit(root);
}

function altered(node: Tree, what: Change['what'], by: number): Tree {
  if (what === 'wrap') {
    return by % 2 === 0
      ? { kind: 'array', items: [node, node] }
      : { kind: 'object', members: [[pick(NAMES, by), node]] };
  }
  if (what !== 'replace' && node.kind === 'object' && node.members.length > 0) {
    const members = [...node.members];
    const place = by % members.length;
    const [name, value] = members[place] ?? ['', node];
    if (what === 'drop') members.splice(place, 1);
    else if (what === 'rename') members[place] = [renamed(name, by), value];
    else members.push([name, { kind: 'text', text: pick(VALUES, by) }]);
    return { kind: 'object', members };
  }
  return { kind: 'text', text: pick(VALUES, by) };
}

function renamed(name: string, by: number): string {
  if (by % 5 === 0) return name.toUpperCase();
  return by % 5 === 1 ? name.toLowerCase() : pick(NAMES, by);
}

function countOf(node: Tree): number {
  if (node.kind === 'object') return node.members.reduce((count, [, value]) => count + countOf(value), 1);
  return node.kind === 'array' ? node.items.reduce((count, item) => count + countOf(item), 1) : 1;
}

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value === 'object' && value !== null) {
    return { kind: 'object', members: Object.entries(value).map(([name, inner]) => [name, treeOf(inner)]) };
  }
  return { kind: 'text', text: JSON.stringify(value) };
}

function textOf(node: Tree): string {
  switch (node.kind) {
    case 'object':
      return `{${node.members.map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`;
    case 'array':
      return `[${node.items.map(textOf).join(',')}]`;
    case 'text':
      return node.text;
  }
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint16Array.from(text, (character) => character.charCodeAt(0)).buffer);
}

function pick<T>(list: readonly T[], by: number): T {
  return list[by % list.length] as T;
}
