/** One request, in the words of a recipe: each part of it is read when it is first asked for. */
import { bodyText } from '../../core/body.ts';
import { type Arrived } from '../provider.ts';
import { JsonDocument, type Document } from './document.ts';
import { splitDocument, type Splits, type Splitting } from './split.ts';
import { readXml } from './xml.ts';

/** A form of more fields is none. */
const MAX_FORM_FIELDS = 1000;
const FORM = /^application\/x-www-form-urlencoded\s*(;|$)/i;
const AMPERSAND = 0x26;

/** What of a recipe says how a body is read. */
export interface BodyRules {
  readonly body: 'json' | 'xml';
  readonly splits: Splits;
}

export class Received {
  readonly arrived: Arrived;
  readonly #rules: BodyRules;
  #document: Document | null | undefined;
  #splitting: Splitting | null | undefined;
  #query: URLSearchParams | undefined;
  #form: URLSearchParams | null | undefined;

  constructor(arrived: Arrived, rules: BodyRules) {
    this.arrived = arrived;
    this.#rules = rules;
  }

  /** Null: the body is none of the recipe's kind. */
  get document(): Document | null {
    if (this.#document === undefined) this.#document = readDocument(this.arrived.body, this.#rules.body);
    return this.#document;
  }

  /** Null: the body is one event, or none of the recipe's kind. */
  get splitting(): Splitting | null {
    if (this.#splitting === undefined) {
      const { splits } = this.#rules;
      const { document } = this;
      this.#splitting = splits === null || document === null ? null : splitDocument(document, splits);
    }
    return this.#splitting;
  }

  header(name: string): string | null {
    return this.arrived.headers.get(name.toLowerCase()) ?? null;
  }

  query(name: string): string | null {
    const { url } = this.arrived;
    const at = url.indexOf('?');
    if (at === -1) return null;
    this.#query ??= new URLSearchParams(url.slice(at + 1));
    return this.#query.get(name);
  }

  /** The fields of a form-encoded body; null: it is none. */
  get form(): URLSearchParams | null {
    if (this.#form === undefined) this.#form = readForm(this.arrived);
    return this.#form;
  }

  /** Name and value of each field, sorted by name, as Twilio signs them. */
  get formPairs(): string | null {
    const { form } = this;
    if (form === null) return null;
    const pairs = [...new Set(form.keys())]
      .sort()
      .flatMap((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value));
    return pairs.join('');
  }
}

function readDocument(body: Uint8Array, kind: BodyRules['body']): Document | null {
  if (kind === 'xml') return readXml(body);
  const read = bodyText(body);
  return read.kind === 'json' ? new JsonDocument(read.text) : null;
}

function readForm({ body, headers }: Arrived): URLSearchParams | null {
  if (!FORM.test(headers.get('content-type') ?? '')) return null;
  let fields = 1;
  for (const byte of body) if (byte === AMPERSAND) fields += 1;
  return fields > MAX_FORM_FIELDS ? null : new URLSearchParams(new TextDecoder().decode(body));
}
