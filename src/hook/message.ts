/** One attempt as it goes over the wire: headers and body by the hook's format. Pure; sends nothing. */
import { carriedContentType, headersProblem, headerText } from '../core/header.ts';
import {
  accountOf,
  attributesOf,
  dataBody,
  rawTextOf,
  structuredBody,
  type StoredEnvelope,
} from '../core/envelope.ts';
import type { HookConfig } from '../core/hook-config.ts';
import { HOPS_HEADER, hopsOf } from '../core/hops.ts';
import { sign, type Signers } from '../core/signature.ts';
import { faultText, Template, type TemplateText } from '../core/template/template.ts';
import { scriptBody, scriptHeaders, type ScriptCall } from '../providers/superoffice/crmscript.ts';
import { deliveryBody, deliveryHeaders, eventBody } from '../providers/superoffice/delivery.ts';
import { canBeSaid, isFromSuperoffice, wordsFor } from '../providers/superoffice/vocabulary.ts';

/** What of an event a message is made of. */
export interface MessageEvent extends StoredEnvelope {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly event: string | null;
  readonly contentType: string | null;
  readonly raw: Uint8Array;
}

export interface MessageContext {
  readonly tenant: string;
  /** null: not registered yet. */
  readonly hookId: number | null;
  readonly config: Pick<HookConfig, 'name' | 'format' | 'headers' | 'template' | 'dialect'>;
  /** The message is to run it; null: it is for the hook's URL. */
  readonly script: ScriptCall | null;
  readonly signers: Signers;
  /** From 1. */
  readonly attempt: number;
  /** From 1; null for what has no place in the hook's sequence. */
  readonly sequence: number | null;
  /** Of what is sent once more: which replay, or `manual`; null: it is not. */
  readonly replay: string | null;
  /** Of this attempt. */
  readonly timestampSeconds: number;
  readonly userAgent: string;
}

export interface Message {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** No attempt can carry the event as the hook is set up; `problem` says why, in words. */
export interface Unsendable {
  readonly kind: 'unsendable';
  readonly reason: 'format' | 'template';
  readonly problem: string;
}
export type Composed = { readonly kind: 'message'; readonly message: Message } | Unsendable;

/** What a header of raw deliveries has at most: the body has it whole, and receivers refuse heads of 8 KiB. */
const MAX_ABOUT_BYTES = 1024;

/** Every attempt passes here, whatever its format and whoever asks for it. */
export function messageOf(event: MessageEvent, context: MessageContext): Composed {
  // The test event, which has no place in the sequence, is in SuperOffice's words from the start.
  if (context.config.format === 'superoffice' && context.sequence !== null && !canBeSaid(event))
    return unsendable('expected an event that SuperOffice has words for, got one of another origin');
  const { config, script } = context;
  const formatted =
    script === null ? FORMATTED[config.format](event, context) : scriptFormatted(event, context, script);
  if ('kind' in formatted) return formatted;
  const { headers: own, body } = formatted;
  const headers: Record<string, string> = {};
  // The hook's own headers are for its URL: SuperOffice has them for no script.
  if (script === null) addAll(headers, config.headers);
  addAll(headers, own);
  headers['user-agent'] = context.userAgent;
  headers['webhook-id'] = event.id;
  headers['webhook-timestamp'] = String(context.timestampSeconds);
  headers['webhook-signature'] = sign(context.signers, event.id, context.timestampSeconds, body);
  headers['posthorn-tenant'] = context.tenant;
  if (context.hookId !== null) headers['posthorn-hook'] = String(context.hookId);
  headers['posthorn-attempt'] = String(context.attempt);
  headers[HOPS_HEADER] = String(hopsOf(event) + 1);
  if (context.sequence !== null) headers['posthorn-sequence'] = String(context.sequence);
  if (context.replay !== null) headers['posthorn-replay'] = context.replay;
  const problem = headersProblem(headers);
  return problem === null ? { kind: 'message', message: { headers, body } } : unsendable(problem);
}

function unsendable(problem: string, reason: Unsendable['reason'] = 'format'): Unsendable {
  return { kind: 'unsendable', reason, problem };
}

/** Whatever the case of a name, what comes later counts. */
function addAll(headers: Record<string, string>, more: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(more)) headers[name.toLowerCase()] = value;
}

interface Formatted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

type Formatter = (event: MessageEvent, context: MessageContext) => Formatted | Unsendable;

const FORMATTED: Record<HookConfig['format'], Formatter> = {
  structured: (event) => ({
    headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    body: structuredBody(event, event.raw),
  }),
  raw: (event) => ({
    headers: {
      'content-type': carriedContentType(event.contentType, 'application/octet-stream'),
      'posthorn-type': aboutText(event.type),
      ...(event.subject === null ? {} : { 'posthorn-subject': aboutText(event.subject) }),
      ...(event.event === null ? {} : { 'posthorn-event': aboutText(event.event) }),
    },
    body: event.raw,
  }),
  binary: (event) => {
    const attributes = attributesOf(event, event.raw);
    const contentType = carriedContentType(attributes.get('datacontenttype') ?? null, 'application/json');
    attributes.delete('datacontenttype');
    return {
      headers: {
        ...Object.fromEntries([...attributes].map(([name, value]) => [`ce-${name}`, headerText(value)])),
        'content-type': contentType,
      },
      body: dataBody(event, event.raw),
    };
  },
  superoffice: (event, context) => {
    const { name, eventId, body } = toldBySuperoffice(event, context);
    const { dialect } = context.config;
    const about = { event: headerText(name), eventId: headerText(eventId), retry: context.attempt - 1 };
    const secret = dialect.kind === 'superoffice' ? dialect.secret : null;
    return { headers: deliveryHeaders(about, secret, body), body };
  },
  template: (event, { config }) =>
    config.template === null || config.template === undefined
      ? unsendable('expected a template, got none', 'template')
      : rendered(event, config.template),
};

/** Once for each registration: reading a template takes longer than rendering it. */
const READ = new WeakMap<TemplateText, Template>();

function rendered(event: MessageEvent, text: TemplateText): Formatted | Unsendable {
  let template = READ.get(text);
  if (template === undefined) {
    const reading = Template.read(text);
    if (!reading.ok) return unsendable(faultText(reading.fault), 'template');
    template = reading.template;
    READ.set(text, template);
  }
  const envelope = new TextDecoder().decode(structuredBody(event, event.raw));
  const rendering = template.render({ envelope, rawText: rawTextOf(event, event.raw) });
  if (!rendering.ok) return unsendable(faultText(rendering.fault), 'template');
  return { headers: { 'content-type': text.contentType }, body: rendering.body };
}

function scriptFormatted(event: MessageEvent, context: MessageContext, script: ScriptCall): Formatted {
  const { eventId, body } = toldBySuperoffice(event, context);
  return { headers: scriptHeaders(script.site), body: scriptBody(script.includeName, body, eventId) };
}

function toldBySuperoffice(
  event: MessageEvent,
  { config, tenant }: MessageContext,
): { name: string; eventId: string; body: Uint8Array } {
  const attributes = attributesOf(event, event.raw);
  const eventId = attributes.get('id') ?? event.id;
  // The relay's own test event has no words either: its body is SuperOffice's from the start.
  const words = isFromSuperoffice(event) ? null : wordsFor(event);
  const occurrence = {
    eventId,
    timestamp: attributes.get('time') ?? attributes.get('recordedtime') ?? '',
    context: accountOf(event) ?? tenant,
  };
  const raw = words === null ? event.raw : eventBody(words, occurrence);
  const properties = config.dialect.kind === 'superoffice' ? config.dialect.properties : null;
  return {
    name: words?.event ?? event.event ?? '',
    eventId,
    body: deliveryBody(raw, config.name, properties),
  };
}

function aboutText(text: string): string {
  return headerText(text, MAX_ABOUT_BYTES);
}
