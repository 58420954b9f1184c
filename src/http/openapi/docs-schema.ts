/** Schemas of /openapi.json in the words of /docs. */
import { html } from 'hono/html';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly readOnly?: boolean;
}

export type Fragment = ReturnType<typeof html> | string;

/** So many members of the same kind are not told twice. */
const MANY = 6;

/** A shape: what it shares with one told `before` is named only. */
export function shapePart(schema: Schema, before: readonly (readonly [string, Schema])[]) {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return html`<p>${kindOf(schema)}</p>`;
  const [like, shared] = mostAlike(schema, before);
  const own = members.filter(([name]) => !shared.includes(name));
  return html`${
      like === null
        ? ''
        : html`<p>
            As in <a href="#schema-${like}">${like}</a>:
            <code>${shared.map((name) => nameOf(name, schema)).join(', ')}</code>.
          </p>`
    }
    <table>
      ${own.map(
        ([name, member]) =>
          html`<tr>
            <td><code>${nameOf(name, schema)}</code></td>
            <td>${kindOf(member)}</td>
            <td>
              ${member.readOnly === true ? 'Read-only: ignored when sent. ' : ''}${member.description ?? ''}
            </td>
          </tr>`,
      )}
    </table>`;
}

/** As TypeScript writes it: `?` where the member may be absent. */
function nameOf(name: string, { required }: Schema): string {
  return required?.includes(name) === true ? name : `${name}?`;
}

function mostAlike(
  { properties = {} }: Schema,
  before: readonly (readonly [string, Schema])[],
): readonly [string | null, readonly string[]] {
  let best: readonly [string | null, readonly string[]] = [null, []];
  for (const [name, { properties: others = {} }] of before) {
    const shared = Object.keys(properties).filter(
      (key) => JSON.stringify(properties[key]) === JSON.stringify(others[key]),
    );
    if (shared.length >= Math.max(MANY, best[1].length + 1)) best = [name, shared];
  }
  return best;
}

/** What kind of value it is. Members of members are named only: /openapi.json tells the rest. */
export function kindOf(schema: Schema | undefined, depth = 0): Fragment {
  if (schema === undefined) return '';
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  const branches = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (branches !== undefined)
    return joined(
      branches.map((branch) => kindOf(branch, depth)),
      schema.allOf === undefined ? ' or ' : ' and ',
    );
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined)
    return typeof schema.const === 'string' ? schema.const : JSON.stringify(schema.const);
  if (schema.items !== undefined) return html`array of ${kindOf(schema.items, depth)}`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    const members = Object.entries(schema.properties).map(([name, member]) =>
      depth === 0 ? html`${name}: ${kindOf(member, depth + 1)}` : name,
    );
    return html`{${joined(members, ', ')}}`;
  }
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'any');
}

export function joined(parts: readonly Fragment[], separator: string): Fragment {
  return html`${parts.map((part, index) => html`${index === 0 ? '' : separator}${part}`)}`;
}
