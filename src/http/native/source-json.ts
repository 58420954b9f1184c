/** A source as answers show it. */
import type * as z from 'zod';
import type { Context } from 'hono';
import { isSealed } from '../../core/sealing.ts';
import { legible } from '../legible.ts';
import { MASK } from '../../core/hook-config.ts';
import { calledUrl } from '../../core/url-spelling.ts';
import type { Source, SourceView } from '../../event-log/source.ts';
import { baseOf, type AppEnv } from '../context.ts';
import { timeOf, timeOrNull } from './field.ts';
import { type SourceSchema } from './source-schema.ts';

/** The newest; null: this provider signs nothing. */
export function secretOf({ id, secrets }: Source): string | null {
  const [newest] = secrets;
  return newest === undefined ? null : legible(newest.text, `source ${id}`);
}

/** One that cannot be decrypted is not shown: rotating the URL makes another. */
function tokenOf({ tokens }: Source): string {
  const text = tokens[0]?.text ?? '';
  return isSealed(text) ? MASK : text;
}

export type SourceJson = z.infer<typeof SourceSchema>;

/** A viewer sees no secret, and who knows an inbound URL can post to it. */
export function sourceJson(c: Context<AppEnv>, source: SourceView): SourceJson {
  const caller = c.get('caller');
  return sourceMembers(source, baseOf(c), caller.kind === 'operator' || caller.role !== 'viewer');
}

/** `withToken` false: without the credential that its inbound URL is. */
export function sourceMembers(
  source: SourceView,
  base: string,
  withToken: boolean,
): z.infer<typeof SourceSchema> {
  const {
    accepted,
    duplicates,
    idReused,
    tests,
    rejected,
    lastRejection,
    lastAcceptedAtMs,
    lastRejectedAtMs,
  } = source.stats;
  return {
    id: source.id,
    provider: source.provider,
    name: source.name,
    inboundUrl: `${base}/in/${withToken ? tokenOf(source) : MASK}`,
    paths: source.paths,
    options: source.options,
    recipe: source.recipe,
    expiresAt: timeOrNull(source.expiresAtMs),
    confirmation: source.confirmation && { requestedAt: timeOf(source.confirmation.askedAtMs) },
    silentAfterSeconds: source.silentAfterSeconds,
    site: source.site && {
      url: calledUrl(source.site.url),
      authorization: source.site.hasAuthorization === false ? null : MASK,
      appToken: source.site.hasAppToken ? MASK : null,
    },
    uid: source.uid,
    managedBy: source.managedBy,
    createdAt: timeOf(source.createdAtMs),
    stats: {
      accepted,
      duplicates,
      idReused,
      tests,
      rejected,
      lastAcceptedAt: timeOrNull(lastAcceptedAtMs),
      lastRejectedAt: timeOrNull(lastRejectedAtMs),
      lastRejection,
    },
  };
}
