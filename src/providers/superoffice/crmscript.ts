/**
 * A delivery as a call of SuperOffice's CRMScript agent: which script, and the event's members as its parameters. It
 * is the call that the vendor's npm client makes.
 * Source: SuperOffice docs, CRMScript webhooks; swagger file of the CRMScript agent; `CRMScriptAgent` of
 * @superoffice/webapi 12.4.
 */
import { elements, kindOf, members, scalarText, type Span } from '../../core/json-text.ts';
import type { AuthorizedSite, Site } from './site.ts';

const CALL = 'v1/Agents/CRMScript/ExecuteScriptByIncludeId';
/** The column that holds an include name has that size. */
const MAX_INCLUDE_NAME = 255;

/** Which script is to run, and where. */
export interface ScriptCall {
  readonly includeName: string;
  readonly site: AuthorizedSite;
}

/** Can a script have this include name? A URL is none, whatever its scheme. */
export function isIncludeName(text: string): boolean {
  const isName = text !== '' && text === text.trim() && text.length <= MAX_INCLUDE_NAME;
  return isName && !/\p{Cc}|:\/\//u.test(text);
}

/** Where a site runs scripts. Its URL counts with and without `/api`, as with the vendor's client. */
export function scriptUrl(site: Pick<Site, 'url'>): string {
  const base = site.url.endsWith('/') ? site.url : `${site.url}/`;
  return `${base}${/\/api\/$/.test(base) ? '' : 'api/'}${CALL}`;
}

export function scriptHeaders({ authorization, appToken }: AuthorizedSite): Record<string, string> {
  return {
    accept: 'application/json',
    'content-type': 'application/json',
    authorization,
    ...(appToken === null ? {} : { 'so-apptoken': appToken }),
  };
}

/** `body`: the event as a webhook would get it. `eventId` counts where the body has none. */
export function scriptBody(includeName: string, body: Uint8Array, eventId: string): Uint8Array {
  const parameters = { EventId: eventId, ...parametersOf(new TextDecoder().decode(body)) };
  return new TextEncoder().encode(JSON.stringify({ crmScriptIncludeId: includeName, parameters }));
}

/**
 * The members of a JSON object as texts, numbers as they were sent. A list is its elements with commas between; of an
 * object each member is a parameter of its own, `Values.contact_id`. What is nested deeper stays JSON.
 */
function parametersOf(text: string): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const member of members(text)) {
    if (kindOf(text, member) === 'object') {
      for (const inner of members(text, member.start)) {
        parameters.set(`${member.name}.${inner.name}`, parameterText(text, inner));
      }
    } else parameters.set(member.name, parameterText(text, member));
  }
  return Object.fromEntries(parameters);
}

function parameterText(text: string, value: Span): string {
  const kind = kindOf(text, value);
  const json = text.slice(value.start, value.end);
  if (kind === 'object') return json;
  if (kind !== 'array') return scalarText(text, value) ?? '';
  const texts = elements(text, value.start).map((element) => scalarText(text, element));
  return texts.every((one) => one !== null) ? texts.join(',') : json;
}
