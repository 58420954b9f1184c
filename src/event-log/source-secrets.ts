/** The columns of a source that hold secrets, sealed, opened and blanked. */
import type { Ending } from '../core/rotation.ts';
import { isOutdated, isSealed, type KeyRing } from '../core/sealing.ts';
import type { Site } from '../providers/superoffice/site.ts';
import { blankWithinJson, bytesOf, padded } from '../storage/blank.ts';
import type { SecretBox } from '../storage/vault.ts';
import type { Secret, Token } from './source.ts';

export type SourceSecretsRow = Record<'tokens' | 'secrets', string> & { site: string | null };

interface Text extends Ending {
  readonly text: string;
}

export function sealed(box: SecretBox, member: string, texts: readonly Text[]): string {
  return JSON.stringify(texts.map((one) => ({ ...one, text: box.seal(member, one.text) })));
}

export function sealedSite(box: SecretBox, site: Site | null): string | null {
  return site && JSON.stringify(withSiteSecrets(site, box.seal));
}

/** What does not open stays sealed. */
export function opened(
  box: SecretBox,
  { tokens, secrets }: SourceSecretsRow,
): { tokens: Token[]; secrets: Secret[] } {
  return { tokens: openedTexts(box, '/tokens', tokens), secrets: openedTexts(box, '/secrets', secrets) };
}

/** A credential that does not open is none: nothing is called with it until there is a new one. */
export function openedSite(box: SecretBox, text: string | null): Site | null {
  if (text === null) return null;
  const site = withSiteSecrets(JSON.parse(text) as Site, box.open);
  const { authorization, appToken } = site;
  const isLegible = !isSealed(authorization ?? '') && !isSealed(appToken ?? '');
  return isLegible ? site : { ...site, authorization: null };
}

/** The row with all that opens under the first key. */
export function resealed(
  box: SecretBox,
  ring: KeyRing,
  row: SourceSecretsRow,
): { kept: SourceSecretsRow; isChanged: boolean; isLegible: boolean } {
  let isChanged = false;
  let isLegible = true;
  const again: SecretBox['seal'] = (member, text) => {
    const openedText = box.open(member, text);
    isChanged ||= isOutdated(ring, text);
    isLegible &&= !isSealed(openedText);
    return box.seal(member, openedText);
  };
  const texts = (member: string, json: string) =>
    JSON.stringify((JSON.parse(json) as Text[]).map((one) => ({ ...one, text: again(member, one.text) })));
  const kept = {
    tokens: texts('/tokens', row.tokens),
    secrets: texts('/secrets', row.secrets),
    site: row.site && JSON.stringify(withSiteSecrets(JSON.parse(row.site) as Site, again)),
  };
  return { kept, isChanged, isLegible };
}

/** The same row, as long as it is, with nothing in the place of its secrets. */
export function blanked({ tokens, secrets, site }: SourceSecretsRow): SourceSecretsRow {
  return {
    tokens: blankedTexts(tokens),
    secrets: blankedTexts(secrets),
    site:
      site &&
      padded(
        JSON.stringify(withSiteSecrets(JSON.parse(site) as Site, (_member, text) => blankWithinJson(text))),
        bytesOf(site),
      ),
  };
}

function openedTexts<T extends Text>(box: SecretBox, member: string, json: string): T[] {
  return (JSON.parse(json) as T[]).map((one) => ({ ...one, text: box.open(member, one.text) }));
}

function blankedTexts(json: string): string {
  const texts = JSON.parse(json) as Text[];
  return padded(
    JSON.stringify(texts.map((one) => ({ ...one, text: blankWithinJson(one.text) }))),
    bytesOf(json),
  );
}

function withSiteSecrets(site: Site, change: SecretBox['seal']): Site {
  const { authorization, appToken } = site;
  return {
    ...site,
    authorization: authorization === null ? null : change('/site/authorization', authorization),
    appToken: appToken === null ? null : change('/site/appToken', appToken),
  };
}
