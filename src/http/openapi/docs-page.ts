/** `/docs`: the API as one page of plain HTML, made from the same document as /openapi.json. Loads nothing, runs nothing. */
import { html, raw } from 'hono/html';
import { PROBLEMS } from '../problem.ts';
import type { ApiDocument } from './document.ts';
import { callPart, isOfDialect, type Call, type Operation } from './docs-call.ts';
import { shapePart, type Schema } from './docs-schema.ts';

/** Of every page that the relay makes. */
export const PAGE_STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2329; background: #fff; overflow-wrap: anywhere }
  code, pre { font: 0.9em ui-monospace, monospace } pre { overflow-x: auto; padding: 0.5rem; background: #f3f5f7; border-radius: 4px }
  h2 { margin-top: 2.5rem; border-bottom: 1px solid #d5dae0 }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0 }
  summary { cursor: pointer; padding: 0.35rem 0 } summary code { font-weight: 600 } details > div { padding: 0 0 1rem 1.25rem }
  @media (max-width: 40rem) { td { display: block; padding: 0 } tr { display: block; padding: 0.4rem 0; border-bottom: 1px solid #e3e7eb } details > div { padding-left: 0.5rem } }
  @media (prefers-color-scheme: dark) { body { color: #dfe4ea; background: #14181c } pre { background: #1e242a } h2, tr { border-color: #39424c } a { color: #7db8ff } }
`;

export async function docsPage(document: ApiDocument): Promise<string> {
  return compact(String(await pageOf(document)));
}

/** Without indentation, and without end tags that HTML does not ask for: half of the bytes. */
function compact(text: string): string {
  return text
    .replaceAll(/>\s+</g, '><')
    .replaceAll(/<\/t[dr]>/g, '')
    .split(/(<pre>.*?<\/pre>)/s)
    .map((part) => (part.startsWith('<pre>') ? part : part.replaceAll(/\s+/g, ' ')))
    .join('');
}

function pageOf(document: ApiDocument) {
  const calls = callsOf(document);
  const ofTag = (name: string) => calls.filter(({ operation }) => operation.tags?.[0] === name);
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
          <a href="/openapi.json">/openapi.json</a>. Senders that can be connected:
          <a href="/docs/senders">/docs/senders</a>.
        </p>
        <p>
          ${document.tags.map(
            ({ name }, index) => html`${index === 0 ? '' : ' · '}<a href="#${anchorOf(name)}">${name}</a>`,
          )}
          · <a href="#shapes">Shapes</a> · <a href="#problems">Problems</a>
        </p>
        ${document.tags.map(({ name, description }) => tagPart(name, description, ofTag(name)))}
        <h2 id="shapes">Shapes</h2>
        ${schemas.map(
          ([name, schema], index) =>
            html`<details id="schema-${name}">
              <summary><code>${name}</code></summary>
              <div>${schema.description ?? ''}${shapePart(schema, schemas.slice(0, index))}</div>
            </details>`,
        )}
        <h2 id="problems">Problems</h2>
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

/** Each call once: other spellings of its path stand beside the first. */
function callsOf(document: ApiDocument): Call[] {
  const calls = new Map<string, Call>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
      const { operationId: _id, parameters: _parameters, ...same } = operation;
      const key = isOfDialect(operation) ? JSON.stringify([method, same]) : `${method} ${path}`;
      const known = calls.get(key);
      if (known === undefined) calls.set(key, { method, path, operation, others: [] });
      else known.others.push(path);
    }
  }
  return [...calls.values()];
}

function tagPart(name: string, description: string, calls: readonly Call[]) {
  const list = calls.map(callPart);
  return html`<h2 id="${anchorOf(name)}">${name}</h2>
    <p>${description}</p>
    ${
      name.endsWith('dialect')
        ? html`<details>
            <summary>${calls.length} calls</summary>
            <div>${list}</div>
          </details>`
        : list
    }`;
}

function anchorOf(tag: string): string {
  return `calls-${tag.toLowerCase().replaceAll(' ', '-')}`;
}
