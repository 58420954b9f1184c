/** `/docs/senders`: every provider, how it is connected and what its events look like, made from the data that reads them. */
import { html, raw } from 'hono/html';
import type { Description } from '../providers/catalogue/description.ts';
import type { About } from '../providers/provider.ts';
import type { Fact } from '../providers/recipe/recipe.ts';
import { PAGE_STYLE } from './openapi/docs-page.ts';

export interface Sender {
  readonly id: string;
  readonly about: About;
  /** Null: it is read by code. */
  readonly description: Description | null;
}

const CHECKED = {
  signature: 'A signature is checked.',
  token: 'A secret that comes along is checked; nothing is signed.',
  none: 'Nothing is checked: the inbound URL is the only secret.',
} as const;
const SECRETS = {
  provider: 'It is shown there, and typed in here.',
  relay: 'It is made here, or your own, and typed in there.',
  'public-key': 'It is a public key, shown there and typed in here.',
  none: 'There is none.',
} as const;

export function sendersPage(senders: readonly Sender[]) {
  const byName = senders.toSorted((a, b) => a.about.name.localeCompare(b.about.name, 'en'));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Posthorn senders</title>
        <style>
          ${raw(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <h1>Senders</h1>
        <p>
          Make a source with <code>POST /v1/sources</code>, its <code>provider</code> being the name in front,
          and give the <code>inboundUrl</code> of the answer to the sender. The API is described in
          <a href="/docs">/docs</a>; <code>GET /v1/providers/{id}</code> has the same as data.
        </p>
        ${byName.map(senderPart)}
      </body>
    </html>`;
}

function senderPart({ id, about, description }: Sender) {
  const { name, docs, assurance, secret, batch, handshake } = about;
  const setup = description?.setup ?? about.setup ?? '';
  const isOptional = secret.from === 'none' && assurance !== 'none';
  return html`<details id="${id}">
    <summary><code>${id}</code> ${name}</summary>
    <div>
      ${setup === '' ? '' : html`<p>${setup}</p>`}
      <p>
        ${isOptional ? 'What is checked depends on the secret.' : CHECKED[assurance]}
        ${secret.label === '' ? '' : html`The secret is called ${secret.label}.`}
        ${isOptional ? 'It may be left out.' : SECRETS[secret.from]}
        ${batch ? 'One request may hold several events.' : ''}
        ${handshake ? 'The sender tries the URL out first, and is answered.' : ''}
      </p>
      ${optionsTable(description)} ${description === null ? '' : factsTable(id, description)}
      ${docs === '' ? '' : html`<p><a href="${docs}" rel="noreferrer">${docs}</a></p>`}
    </div>
  </details>`;
}

function optionsTable(description: Description | null) {
  const options = Object.entries(description?.options ?? {});
  if (options.length === 0) return '';
  return html`<table>
    ${options.map(
      ([name, option]) =>
        html`<tr>
          <td><code>options.${name}</code></td>
          <td>${option.label}</td>
          <td>${option.default === undefined ? 'required' : html`default <code>${option.default}</code>`}</td>
        </tr>`,
    )}
  </table>`;
}

/** Where each attribute of an event comes from. */
function factsTable(id: string, { recipe }: Description) {
  const { name, entity, action, entityId, time, account } = recipe.event;
  const rows = [
    ['event', name],
    ['entity', entity],
    ['action', action],
    ['id', recipe.event.id ?? undefined],
    ['subject', entityId],
    ['time', time],
    ['account', account],
  ] as const;
  return html`<p>Its events are of type <code>${id}.{entity}.{action}</code>, read from:</p>
    <table>
      ${rows.map(([member, fact]) =>
        fact === undefined
          ? ''
          : html`<tr>
              <td>${member}</td>
              <td>${textsOf(fact).map((text) => html`<code>${text}</code> `)}</td>
            </tr>`,
      )}
    </table>`;
}

function textsOf(fact: Fact | readonly (string | null)[]): readonly string[] {
  return (typeof fact === 'string' ? [fact] : fact).filter((text) => text !== null);
}
