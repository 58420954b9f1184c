/** The `authorization` header of an attempt, as the hook's `auth` says; for OAuth 2.0 with a token of the hook's own. */
import type { HookAuth } from '../core/hook-auth.ts';
import { basicAuthorization } from '../core/oauth-token.ts';
import { checkTarget } from '../core/target.ts';
import type { Settings } from '../settings.ts';
import type { Tokens } from './token-server.ts';

export type Login =
  | {
      readonly kind: 'ready';
      /** null: there is no login. */
      readonly authorization: string | null;
      /** Of the token; null: it cannot be renewed. */
      readonly generation: number | null;
      /** Something was waited for, and much may have changed meanwhile. */
      readonly wasFetched: boolean;
    }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'quota' };

export interface LoginContext {
  readonly tokens: Tokens;
  readonly settings: Settings;
  /** Host under which the relay was reached when the hook was registered: never a target. */
  readonly relayHost: string;
  readonly clock: () => number;
}

/** `rejected`: the generation of the token that the receiver has just refused; null: none. */
export async function loginOf(
  auth: HookAuth | null,
  { tokens, settings, relayHost, clock }: LoginContext,
  rejected: number | null = null,
): Promise<Login> {
  if (auth?.type !== 'oauth2') {
    return { kind: 'ready', authorization: fixedAuthorization(auth), generation: null, wasFetched: false };
  }
  const target = checkTarget(auth.tokenUrl, settings.targetPolicy, [...settings.ownHosts, relayHost]);
  const token = await tokens.get(auth, target.ok ? target.url : null, rejected, clock);
  if (token.kind !== 'held') return token;
  const { held, wasFetched } = token;
  return { kind: 'ready', authorization: `Bearer ${held.token}`, generation: held.generation, wasFetched };
}

/** Of what needs no token; null: nothing, or a token that is not there. */
export function fixedAuthorization(auth: HookAuth | null): string | null {
  switch (auth?.type) {
    case 'bearer':
      return `Bearer ${auth.token}`;
    case 'basic':
      return basicAuthorization(auth.username, auth.password);
    default:
      return null;
  }
}
