/**
 * A SuperOffice that the relay may call, and what authorises it there. Its credentials go in and never come out: what
 * is shown of a site is its view.
 */
import { MASK } from '../../core/hook-config.ts';
import { isSameReceiver } from '../../core/url-spelling.ts';

export interface Site {
  /** Of the installation or tenant, with or without `/api` and a slash at its end. */
  readonly url: string;
  /** The whole value of the header. null: that of another host was dropped, and nothing is called until there is a new one. */
  readonly authorization: string | null;
  /** Sent as `SO-AppToken`; null: none is. */
  readonly appToken: string | null;
  /** Host under which the relay was reached when the URL was set: never a target. */
  readonly relayHost: string;
}

/** One that can be called. */
export interface AuthorizedSite extends Site {
  readonly authorization: string;
}

export interface SiteView {
  readonly url: string;
  /** Absent in answers that were remembered before a site could be without. */
  readonly hasAuthorization?: boolean;
  readonly hasAppToken: boolean;
}

/** A merge patch. A credential that is the mask stays as it is. */
export interface SitePatch {
  readonly url?: string | undefined;
  readonly authorization?: string | undefined;
  readonly appToken?: string | null | undefined;
}

/** `incomplete`: a member that neither the patch nor the site has; the mask stands for none. */
export type PatchedSite =
  | { readonly kind: 'site'; readonly site: Site; readonly dropped: readonly string[] }
  | { readonly kind: 'incomplete'; readonly missing: keyof SitePatch };

/**
 * `relayHost` counts when the URL changes. Credentials stay behind when it changes to another host, unless they are sent
 * along: `dropped` names those.
 */
export function patchSite(current: Site | null, patch: SitePatch, relayHost: string): PatchedSite {
  const url = patch.url ?? current?.url;
  if (url === undefined) return { kind: 'incomplete', missing: 'url' };
  const host = url === current?.url ? current.relayHost : relayHost;
  if (current !== null && !isSameReceiver(current.url, url)) {
    const authorization = sentAlong(patch.authorization);
    const appToken = sentAlong(patch.appToken);
    const site = { url, authorization: authorization ?? null, appToken: appToken ?? null, relayHost: host };
    return { kind: 'site', site, dropped: [...droppedFrom(current, { authorization, appToken })] };
  }
  const authorization = kept(patch.authorization, current?.authorization ?? undefined);
  const appToken = kept(patch.appToken, current?.appToken ?? undefined);
  if (authorization === undefined && (current === null || patch.authorization === MASK))
    return { kind: 'incomplete', missing: 'authorization' };
  if (appToken === undefined && patch.appToken === MASK) return { kind: 'incomplete', missing: 'appToken' };
  const site = { url, authorization: authorization ?? null, appToken: appToken ?? null, relayHost: host };
  return { kind: 'site', site, dropped: [] };
}

export function siteView({ url, authorization, appToken }: Site): SiteView {
  return { url, hasAuthorization: authorization !== null, hasAppToken: appToken !== null };
}

export function isAuthorized(site: Site): site is AuthorizedSite {
  return site.authorization !== null;
}

function kept<T extends string | null>(sent: T | undefined, current: T | undefined): T | undefined {
  return sent === undefined || sent === MASK ? current : sent;
}

/** At another host the mask stands for nothing. */
function sentAlong<T extends string | null>(sent: T | undefined): T | undefined {
  return sent === MASK ? undefined : sent;
}

/** What the site had and nothing was sent for; a null takes a credential away, which is no loss. */
function* droppedFrom(
  current: Site,
  sent: { readonly [M in 'authorization' | 'appToken']: string | null | undefined },
): Generator<string> {
  for (const member of ['authorization', 'appToken'] as const) {
    if (current[member] !== null && sent[member] === undefined) yield `site.${member}`;
  }
}
