/**
 * How a hook says to its receiver who it is: the member `auth`. Merging keeps secrets that come back as the mask; what is
 * wrong with the outcome is told without them.
 */
import { isHeaderValue } from './header.ts';
import { MASK } from './mask.ts';
import type { OAuthClient } from './oauth-token.ts';
import { isSameReceiver } from './url-spelling.ts';

export type HookAuth =
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | ({ readonly type: 'oauth2' } & OAuthClient);

export const AUTH_TYPES = ['bearer', 'basic', 'oauth2'] as const;
export const CREDENTIAL_PLACES = ['header', 'body'] as const;

/** A merge patch of it: members of all types, any of which may be missing. */
export interface AuthPatch {
  readonly type?: HookAuth['type'] | undefined;
  readonly token?: string | null | undefined;
  readonly username?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly tokenUrl?: string | null | undefined;
  readonly clientId?: string | null | undefined;
  readonly clientSecret?: string | null | undefined;
  readonly scope?: string | null | undefined;
  readonly audience?: string | null | undefined;
  readonly credentials?: OAuthClient['credentials'] | null | undefined;
}

export interface AuthProblem {
  /** JSON Pointer within the member. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

const MEMBERS: Readonly<Record<HookAuth['type'], readonly (keyof AuthPatch)[]>> = {
  bearer: ['token'],
  basic: ['username', 'password'],
  oauth2: ['tokenUrl', 'clientId', 'clientSecret', 'scope', 'audience', 'credentials'],
};
const OPTIONAL: ReadonlySet<string> = new Set(['scope', 'audience']);
const SECRETS: ReadonlySet<string> = new Set(['token', 'password', 'clientSecret']);
const MAX_CHARACTERS = 4096;

/**
 * Applies a patch. Of another type nothing of the former one stays. It may be incomplete, for which `authProblems` is.
 */
export function mergedAuth(current: HookAuth | null, patch: AuthPatch): HookAuth {
  const type = patch.type ?? current?.type;
  const base: Record<string, string | undefined> = current?.type === type ? { ...current } : {};
  // Who may change the URL must not learn the secret by a token server of their own.
  const isMoved =
    base['tokenUrl'] !== undefined && !isSameReceiver(base['tokenUrl'], patch.tokenUrl ?? base['tokenUrl']);
  if (isMoved) Reflect.deleteProperty(base, 'clientSecret');
  const merged: Record<string, string | undefined> = { ...base };
  for (const [name, value] of Object.entries(patch) as [keyof AuthPatch, string | null | undefined][]) {
    if (value === undefined || (value === MASK && SECRETS.has(name) && base[name] !== undefined)) continue;
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = value;
  }
  if (type === 'oauth2') merged['credentials'] ??= 'header';
  return merged as unknown as HookAuth;
}

/** Whether a secret is sent along: a mask is none. */
export function hasSecret(patch: AuthPatch): boolean {
  return Object.entries(patch).some(
    ([name, value]) => SECRETS.has(name) && typeof value === 'string' && value !== MASK,
  );
}

/** What is missing, too much, or cannot be sent. */
export function authProblems(auth: HookAuth): AuthProblem[] {
  const { type, ...members } = auth as { readonly type?: HookAuth['type'] } & Readonly<
    Record<string, string>
  >;
  if (type === undefined) {
    return [{ path: '/type', expected: `one of ${AUTH_TYPES.join(', ')}`, got: 'nothing' }];
  }
  const wanted = MEMBERS[type];
  const missing = wanted.filter((name) => !OPTIONAL.has(name) && members[name] === undefined);
  return [
    ...missing.map((name) => ({ path: `/${name}`, expected: `a text, as ${type} needs it`, got: 'nothing' })),
    ...Object.entries(members).flatMap(([name, value]) => [
      ...(wanted.includes(name as keyof AuthPatch)
        ? problemsOf(name, value)
        : [
            {
              path: `/${name}`,
              expected: `a member of the type ${type}`,
              got: 'one of another type',
            },
          ]),
    ]),
  ];
}

function* problemsOf(name: string, value: string): Generator<AuthProblem> {
  const path = `/${name}`;
  const got = SECRETS.has(name)
    ? `a string of ${value.length} characters`
    : JSON.stringify(value.slice(0, 60));
  if (value === MASK && SECRETS.has(name)) {
    yield { path, expected: 'the secret itself, as there is none that the mask could keep', got: 'the mask' };
  } else if (value.length > MAX_CHARACTERS) {
    yield { path, expected: `at most ${MAX_CHARACTERS} characters`, got: `${value.length}` };
  } else if (name === 'token' && (!isHeaderValue(value) || value.trim() === '' || value.trim() !== value)) {
    yield { path, expected: 'a token that a header can carry', got };
  } else if (name === 'username' && /[:\p{Cc}]/u.test(value)) {
    yield { path, expected: 'a name without a colon, as HTTP Basic has it', got };
  } else if (name === 'password' && /\p{Cc}/u.test(value)) {
    yield { path, expected: 'a password without control characters', got };
  } else if (value === '' && name !== 'username' && name !== 'password') {
    yield { path, expected: 'a text of at least one character', got: '""' };
  }
}

/** As the API shows it. */
export function maskedAuth(auth: HookAuth): HookAuth {
  return withAuthSecrets(auth, () => MASK);
}

/** The same with each of its secrets changed. */
export function withAuthSecrets(auth: HookAuth, change: (name: string, text: string) => string): HookAuth {
  const members = Object.entries(auth).map(([name, value]): [string, string] => [
    name,
    SECRETS.has(name) ? change(name, value as string) : (value as string),
  ]);
  return Object.fromEntries(members) as HookAuth;
}

/** What of it no answer, excerpt or log may show. */
export function secretsOf(auth: HookAuth): string[] {
  return Object.entries(auth)
    .filter(([name]) => SECRETS.has(name))
    .map(([, value]) => value as string);
}
