/** `/docs`: the API as one page of plain HTML, made from the same document as /openapi.json. Loads nothing, runs nothing. */
import { html, raw } from 'hono/html';
import type { ApiDocument } from './openapi.ts';
import { PROBLEMS } from './problem.ts';

interface Schema {
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

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
    readonly description?: string;
  }[];
  readonly requestBody?: Content;
  readonly responses?: Readonly<Record<string, Content & { readonly description: string }>>;
}

/** Of every page that the relay makes. */
export const PAGE_STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2329; background: #fff }
  code { font: 0.9em ui-monospace, monospace } h2 { margin-top: 2.5rem; border-bottom: 1px solid #d5dae0 }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0 }
  summary { cursor: pointer; padding: 0.35rem 0 } summary code { font-weight: 600 } details > div { padding: 0 0 1rem 1.25rem }
  @media (prefers-color-scheme: dark) { body { color: #dfe4ea; background: #14181c } h2 { border-color: #39424c } a { color: #7db8ff } }
`;

export function docsPage(document: ApiDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      path,
      method,
      operation,
    })),
  );
  const schemas = Object.entries(document.components.schemas as Record<string, Schema>);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${document.info.title} API</title>
        <style>
          ${raw(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <h1>${document.info.title} API ${document.info.version}</h1>
        <p>
          ${document.info.description} Send <code>Authorization: Bearer {key}</code>; with the admin key the
          header <code>posthorn-tenant</code> picks the tenant. The same as a document for tools:
          <a href="/openapi.json">/openapi.json</a>.
        </p>
        <h2>Calls</h2>
        ${operations.map(({ path, method, operation }) => operationPart(path, method, operation))}
        <h2>Shapes</h2>
        ${schemas.map(
          ([name, schema]) =>
            html`<h3 id="schema-${name}">${name}</h3>
              <p>${schema.description ?? ''}</p>
              ${membersTable(schema)}`,
        )}
        <h2>Problems</h2>
        <table>
          ${Object.entries(PROBLEMS).map(
            ([code, [status, title]]) =>
              html`<tr id="${code}">
                <td>${status}</td>
                <td><code>${code}</code></td>
                <td>${title}</td>
              </tr>`,
          )}
        </table>
      </body>
    </html>`;
}

function operationPart(
  path: string,
  method: string,
  { summary, parameters, requestBody, responses }: Operation,
) {
  return html`<details>
    <summary><code>${method.toUpperCase()} ${path}</code> ${summary ?? ''}</summary>
    <div>
      ${
        parameters === undefined || parameters.length === 0
          ? ''
          : html`<table>
              ${parameters.map(
                (parameter) =>
                  html`<tr>
                    <td><code>${parameter.name}</code></td>
                    <td>${parameter.in}${parameter.required === true ? ', required' : ''}</td>
                    <td>${kindOf(parameter.schema)}</td>
                    <td>${parameter.description ?? parameter.schema?.description ?? ''}</td>
                  </tr>`,
              )}
            </table>`
      }
      ${requestBody === undefined ? '' : html`<p>Body: ${kindOf(schemaOf(requestBody))}</p>`}
      <table>
        ${Object.entries(responses ?? {}).map(
          ([status, response]) =>
            html`<tr>
              <td>${status}</td>
              <td>${response.description}</td>
              <td>${kindOf(schemaOf(response))}</td>
            </tr>`,
        )}
      </table>
    </div>
  </details>`;
}

function membersTable(schema: Schema) {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return html`<p>${kindOf(schema)}</p>`;
  return html`<table>
    ${members.map(
      ([name, member]) =>
        html`<tr>
          <td><code>${name}</code></td>
          <td>${kindOf(member)}</td>
          <td>
            ${schema.required?.includes(name) === true ? 'required. ' : ''}${
              member.readOnly === true ? 'Read-only: ignored when sent. ' : ''
            }${member.description ?? ''}
          </td>
        </tr>`,
    )}
  </table>`;
}

function schemaOf({ content }: Content): Schema | undefined {
  return Object.values(content ?? {})[0]?.schema;
}

type Fragment = ReturnType<typeof html> | string;

function kindOf(schema: Schema | undefined): Fragment {
  if (schema === undefined) return '';
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  const branches = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (branches !== undefined)
    return joined(branches.map(kindOf), schema.allOf === undefined ? ' or ' : ' and ');
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items !== undefined) return html`array of ${kindOf(schema.items)}`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    return joined(
      Object.entries(schema.properties).map(([name, member]) => html`${name}: ${kindOf(member)}`),
      ', ',
    );
  }
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'any');
}

function joined(parts: readonly Fragment[], separator: string): Fragment {
  return html`${parts.map((part, index) => html`${index === 0 ? '' : separator}${part}`)}`;
}
