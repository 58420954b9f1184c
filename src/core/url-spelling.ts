/** One URL has many spellings: it is kept and called in that of the parser, and shown to a dialect as it was sent. */
import type { HookConfig } from './hook-config.ts';

/** The URL as `fetch` will call it; a text that is none stays as it is. */
export function calledUrl(text: string): string {
  return URL.parse(text)?.href ?? text;
}

/** What a dialect keeps of a URL besides the one that is called: nothing, where both are the same. */
export function keptSpelling(sent: string): { readonly sentUrl?: string } {
  return calledUrl(sent) === sent ? {} : { sentUrl: sent };
}

/** As it was sent to the dialect, unless the native API has given the hook another one since. */
export function urlAsSent({ url, dialect }: Pick<HookConfig, 'url' | 'dialect'>): string {
  const sent = dialect.kind === 'native' ? undefined : dialect.sentUrl;
  return sent !== undefined && calledUrl(sent) === url ? sent : url;
}

/** Does a change from one URL to the other stay with the same receiver, as well protected on the way as before? */
export function isSameReceiver(before: string, after: string): boolean {
  const [a, b] = [URL.parse(before), URL.parse(after)];
  if (a === null || b === null) return before === after;
  return a.host === b.host && (a.protocol === b.protocol || b.protocol === 'https:');
}
