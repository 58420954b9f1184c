/**
 * A hook's own body: a Liquid template over the event's envelope. Reading it finds what is wrong with its syntax,
 * rendering it gives the body or says why there is none. Works within bounds that are counted, fetches nothing.
 */
import { LiquidError } from 'liquidjs';
import { readJson } from './exact-number.ts';
import { isJsonMediaType } from '../envelope.ts';
import { MAX_TEMPLATE_BYTES, parse, render } from './liquid.ts';
import { MAX_OUTPUT_BYTES } from './render-budget.ts';

export { MAX_TEMPLATE_BYTES } from './liquid.ts';

/** As it stands in a registration. */
export interface TemplateText {
  readonly contentType: string;
  /** Liquid. */
  readonly body: string;
}

/** Where in the template something is wrong, counted from 1. null: nowhere in particular. */
export interface TemplateFault {
  readonly reason: string;
  readonly line: number | null;
  readonly column: number | null;
}

export type TemplateReading =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly member: keyof TemplateText; readonly fault: TemplateFault };

export type Rendering =
  { readonly ok: true; readonly body: Uint8Array } | { readonly ok: false; readonly fault: TemplateFault };

/** What a template is rendered with. */
export interface TemplateInput {
  /** The envelope as JSON; its members are the template's variables. */
  readonly envelope: string;
  /** The provider's text unchanged; the variable `rawText`. */
  readonly rawText: string;
}

const MAX_CONTENT_TYPE_CHARACTERS = 255;
const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}( ?; ?${TOKEN}=(${TOKEN}|"[\\w!#-\\[\\]-~ ]*"))*$`);

export class Template {
  readonly contentType: string;
  readonly #nodes: ReturnType<typeof parse>;

  private constructor(contentType: string, nodes: ReturnType<typeof parse>) {
    this.contentType = contentType;
    this.#nodes = nodes;
  }

  static read({ contentType, body }: TemplateText): TemplateReading {
    if (contentType.length > MAX_CONTENT_TYPE_CHARACTERS || !MEDIA_TYPE.test(contentType)) {
      return {
        ok: false,
        member: 'contentType',
        fault: anywhere('not a media type such as application/json'),
      };
    }
    const bytes = new TextEncoder().encode(body).length;
    if (bytes < 1 || bytes > MAX_TEMPLATE_BYTES) {
      const fault = anywhere(`${bytes} bytes, not 1 to ${MAX_TEMPLATE_BYTES}`);
      return { ok: false, member: 'body', fault };
    }
    try {
      return { ok: true, template: new Template(contentType, parse(body)) };
    } catch (error) {
      return { ok: false, member: 'body', fault: faultOf(error) };
    }
  }

  /** The same input gives the same body, or the same fault. */
  render({ envelope, rawText }: TemplateInput): Rendering {
    let text: string;
    try {
      const attributes = readJson(envelope) as Readonly<Record<string, unknown>>;
      text = render(this.#nodes, { ...attributes, rawText }, nowOf(attributes));
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    }
    const body = new TextEncoder().encode(text);
    if (body.length > MAX_OUTPUT_BYTES) {
      return { ok: false, fault: anywhere(`the result is larger than ${MAX_OUTPUT_BYTES} bytes`) };
    }
    const wrong = isJsonMediaType(this.contentType) ? whyNotJson(text) : null;
    return wrong === null ? { ok: true, body } : { ok: false, fault: anywhere(wrong) };
  }
}

/** A fault in words, with its place. */
export function faultText({ reason, line, column }: TemplateFault): string {
  return line === null || column === null ? reason : `${reason} (line ${line}, column ${column})`;
}

function anywhere(reason: string): TemplateFault {
  return { reason, line: null, column: null };
}

function faultOf(error: unknown): TemplateFault {
  // Tags in tags and arrays in arrays, deeper than the stack.
  if (error instanceof RangeError) return anywhere('nested too deeply');
  if (!LiquidError.is(error)) throw error;
  const original = error.originalError;
  const [line, column] = error.token.getPosition();
  // Liquid's own message repeats the place.
  const reason = original?.message ?? error.message.replace(/, line:\d+, col:\d+$/, '');
  return {
    reason: original instanceof RangeError ? 'nested too deeply' : reason,
    line: line ?? null,
    column: column ?? null,
  };
}

function whyNotJson(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `the result is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** A template that asks for the time is told when the event was recorded, so that each attempt has the same body. */
function nowOf({ recordedtime, time }: Readonly<Record<string, unknown>>): string {
  const now = recordedtime ?? time;
  return typeof now === 'string' ? now : '';
}
