/** Templates made ready: read once, then filled for each item of each request. */
import { type Document } from './document.ts';
import { type Received } from './received.ts';
import { pointerSegments, type Splits } from './split.ts';
import { fieldText, type Field, type Part } from './template.ts';

/** What templates are filled from. */
export interface Scope {
  readonly received: Received;
  /** The item, or without a split the body; null: it has no pointers. */
  readonly item: Document | null;
  readonly parents: readonly Document[];
}

export type Fill = (scope: Scope) => string | null;

/**
 * @returns the filled text, null where a part of it is absent
 */
export function filling(parts: readonly Part[], splits: Splits): Fill {
  const fills = parts.map((part): Fill => {
    if (part.kind === 'text') return () => part.text;
    const find = finding(part.field, splits);
    const { filters } = part;
    return filters.length === 0 ? find : (scope) => fieldText(filters, find(scope));
  });
  const [only] = fills;
  if (only !== undefined && fills.length === 1) return only;
  return (scope) => {
    let filled = '';
    for (const fill of fills) {
      const text = fill(scope);
      if (text === null) return null;
      filled += text;
    }
    return filled;
  };
}

/** Where a field is found. Those of a signed message alone are found by it. */
export function finding(field: Field, splits: Splits): Fill {
  switch (field.from) {
    case 'item':
      return ({ item }) => item?.scalar(field.pointer) ?? null;
    case 'body': {
      const { depth, pointer } = starless(field.pointer);
      if (depth === 0) return ({ received }) => received.document?.scalar(pointer) ?? null;
      // The last star of a split is the item itself.
      return depth === splitFor(field.pointer, splits)?.length
        ? ({ item }) => item?.scalar(pointer) ?? null
        : ({ parents }) => parents[depth - 1]?.scalar(pointer) ?? null;
    }
    case 'header':
      return ({ received }) => received.header(field.name);
    case 'query':
      return ({ received }) => received.query(field.name);
    case 'form':
      return ({ received }) => received.form?.get(field.name) ?? null;
    case 'whole-item':
      return ({ item }) => item?.scalar('') ?? null;
    case 'path':
      return ({ received }) => received.arrived.pathEventType;
    case 'method':
      return ({ received }) => received.arrived.method;
    case 'url':
      return ({ received }) => received.arrived.url;
    case 'pairs':
      return ({ received }) => received.formPairs;
    case 'timestamp':
    case 'bytes':
    case 'crc32':
    case 'secret':
      return () => null;
  }
}

/** Behind how many stars a pointer ends, and what of it stands behind the last one. */
function starless(pointer: string): { depth: number; pointer: string } {
  const parts = pointerSegments(pointer);
  return { depth: parts.length - 1, pointer: parts.at(-1) ?? '' };
}

/** Whether the stars of a pointer behind `body:` stand where those of a split do. */
export function starsFit(pointer: string, splits: Splits): boolean {
  return starless(pointer).depth === 0 || splitFor(pointer, splits) !== undefined;
}

function splitFor(pointer: string, splits: Splits): readonly string[] | undefined {
  const stars = pointerSegments(pointer).slice(0, -1);
  return splits?.find((split) => stars.every((segment, at) => split[at] === segment));
}
