/**
 * A SuperOffice that the relay may call, and what authorises it there. Its credentials go in and never come out: what
 * is shown of a site is its view.
 */
import { MASK } from '../../core/hook-config.ts';

export interface Site {
  /** Of the installation or tenant, with or without `/api` and a slash at its end. */
  readonly url: string;
  /** The whole value of the header. */
  readonly authorization: string;
  /** Sent as `SO-AppToken`; null: none is. */
  readonly appToken: string | null;
  /** Host under which the relay was reached when the URL was set: never a target. */
  readonly relayHost: string;
}

export interface SiteView {
  readonly url: string;
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
  | { readonly kind: 'site'; readonly site: Site }
  | { readonly kind: 'incomplete'; readonly missing: keyof SitePatch };

/** `relayHost` counts when the URL changes. */
export function patchSite(current: Site | null, patch: SitePatch, relayHost: string): PatchedSite {
  const url = patch.url ?? current?.url;
  const authorization = kept(patch.authorization, current?.authorization);
  const appToken = kept(patch.appToken, current?.appToken ?? undefined);
  if (url === undefined) return { kind: 'incomplete', missing: 'url' };
  if (authorization === undefined) return { kind: 'incomplete', missing: 'authorization' };
  if (appToken === undefined && patch.appToken === MASK) return { kind: 'incomplete', missing: 'appToken' };
  const host = url === current?.url ? current.relayHost : relayHost;
  return { kind: 'site', site: { url, authorization, appToken: appToken ?? null, relayHost: host } };
}

export function siteView({ url, appToken }: Site): SiteView {
  return { url, hasAppToken: appToken !== null };
}

function kept<T extends string | null>(sent: T | undefined, current: T | undefined): T | undefined {
  return sent === undefined || sent === MASK ? current : sent;
}
