/** One call on /docs. */
import { html } from 'hono/html';
import { joined, kindOf, type Schema } from './docs-schema.ts';

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>;
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
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

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** Other paths that are answered in the same way. */
  readonly others: string[];
}

/** Answers that are the same for every call: /docs lists them once, as problems. */
const OF_ALL: ReadonlySet<string> = new Set(['401', '403', '413', '415', '429', '500', '503']);

function isProblem(status: string): boolean {
  return status.startsWith('4') || status.startsWith('5');
}

/** What is told of it stands at its API's own documentation. */
export function isOfDialect({ tags }: Operation): boolean {
  return tags?.[0]?.endsWith('dialect') === true;
}

export function callPart({ method, path, operation, others }: Call) {
  const { summary, description, parameters = [], requestBody, responses = {} } = operation;
  const verb = method.toUpperCase();
  const isDialect = isOfDialect(operation);
  const told = Object.entries(responses).filter(
    ([status]) => !OF_ALL.has(status) && (!isDialect || status.startsWith('2')),
  );
  const problems = told
    .filter(([status]) => isProblem(status))
    .map(([status, response]) => `${status}: ${response.description}`);
  return html`<details>
    <summary><code>${verb} ${path}</code> ${summary ?? ''}</summary>
    <div>
      ${isDialect ? '' : html`<p>${description ?? ''}</p>`}
      ${
        others.length === 0
          ? ''
          : html`<p>
              Also:
              ${joined(
                others.map((other) => html`<code>${verb} ${other}</code>`),
                ', ',
              )}
            </p>`
      }
      ${
        parameters.length === 0
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
      ${requestBody === undefined ? '' : html`<p>Body: ${kindOf(contentOf(requestBody)?.schema)}</p>`}
      ${examplePart(requestBody)}
      <table>
        ${told
          .filter(([status]) => !isProblem(status))
          .map(
            ([status, response]) =>
              html`<tr>
                <td>${status}</td>
                <td>${response.description}</td>
                <td>${kindOf(contentOf(response)?.schema)}</td>
              </tr>`,
          )}
      </table>
      ${problems.length === 0 ? '' : html`<p>Or ${problems.join('; ')}</p>`}
      ${told.map(([, response]) => examplePart(response))}
    </div>
  </details>`;
}

function contentOf({ content }: Content) {
  return Object.values(content ?? {})[0];
}

function examplePart(of: Content | undefined) {
  const example = of === undefined ? undefined : contentOf(of)?.example;
  return example === undefined ? '' : html`<pre>${JSON.stringify(example, null, 1)}</pre>`;
}
