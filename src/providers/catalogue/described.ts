/** A described provider behind the interface that all providers have. */
import { base64Of, base64UrlOf } from '../../core/base64.ts';
import { type Assurance } from '../../core/envelope.ts';
import { type Description } from './description.ts';
import { type About, type OwnSecret, type Provider } from '../provider.ts';
import { compile, type Options } from '../recipe/compile.ts';
import { confirmationUrl } from '../sender-key/confirm.ts';
import { keyBytes, publicKey } from '../recipe/key.ts';
import { recipeEngine } from '../recipe/provider.ts';
import { isFetched } from '../recipe/verify.ts';
import { type KeyForm, type Recipe, type Verification } from '../recipe/recipe.ts';

const MAX_SECRET_CHARACTERS = 400;
/** An RSA key of 8,192 bits as PEM is shorter. */
const MAX_PUBLIC_KEY_CHARACTERS = 2000;
const BEST_FIRST: readonly Assurance[] = ['signature', 'token', 'none'];

/** Of a sender that nobody has described before. Its secret is made here unless it is a public key. */
export function customDescription(recipe: Recipe): Description {
  const schemes = recipe.verify.map(({ scheme }) => scheme);
  const isPublic = schemes.some(
    (scheme) => scheme === 'ed25519' || scheme === 'ecdsa-p256' || scheme === 'rsa',
  );
  const isNone = schemes.every((scheme) => scheme === 'none');
  const from = isNone ? 'none' : isPublic ? 'public-key' : 'relay';
  const secret = { from, label: isNone ? '' : 'Secret' } as const;
  return { id: 'custom', name: 'Custom', docs: '', setup: '', secret, recipe };
}

/** Null: the recipe does not hold with these options. */
export function describedProvider(description: Description, options: Options): Provider | null {
  const { keys, confirm } = description;
  const compiling = compile(description.recipe, optionsOf(description, options), keys !== undefined);
  if (!compiling.ok) return null;
  const { recipe } = compiling.compiled;
  const form = keyFormOf(recipe);
  return {
    ...recipeEngine(description.id, compiling.compiled),
    ...(confirm === undefined ? {} : { confirmationUrl: (arrived) => confirmationUrl(confirm, arrived) }),
    about: aboutOf(description),
    headers: [...new Set([...headersIn(recipe), ...[keys?.named.header ?? []].flat()])],
    secretRule: secretRuleOf(description),
    readSecret: (text) => readSecret(text, recipe.verify),
    newSecret: (random) => (description.secret.from === 'relay' ? written(random, form) : null),
    setup: () => [],
    bringsSecret: recipe.handshake?.some(({ keepsSecret = false }) => keepsSecret) === true,
  };
}

export function aboutOf({ name, docs, secret, recipe }: Description): About {
  const given = new Set(recipe.verify.map(({ scheme }) => assuranceOf(scheme)));
  return {
    name,
    docs,
    secret,
    assurance: BEST_FIRST.find((assurance) => given.has(assurance)) ?? 'none',
    batch: recipe.split !== undefined,
    handshake: recipe.handshake !== undefined,
  };
}

/** With the defaults that the description has for those left out. */
function optionsOf({ options = {} }: Description, given: Options): Options {
  const defaults = Object.entries(options).flatMap(([name, { default: text }]) =>
    text === undefined ? [] : [[name, text] as const],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

function assuranceOf(scheme: Verification['scheme']): Assurance {
  if (scheme === 'none') return 'none';
  return scheme === 'token' || scheme === 'jwt' || scheme === 'basic' ? 'token' : 'signature';
}

/** Of the first alternative that has a key; a token is text. */
function keyFormOf({ verify }: Recipe): KeyForm {
  const [keyed] = verify.filter((one) => one.scheme === 'hmac');
  return keyed?.key ?? 'text';
}

const KEY_RULES: Readonly<Record<KeyForm, string>> = {
  text: `1 to ${MAX_SECRET_CHARACTERS} characters`,
  hex: 'in hex',
  base64: 'in base64',
  whsec: 'whsec_ and base64',
};

export function secretRuleOf({ secret: { from, label }, recipe }: Description): string {
  if (from === 'none') return 'none: this provider shows no secret';
  if (from === 'public-key')
    return `${label}: a public key, SPKI in base64 or PEM, for Ed25519 also its 32 bytes in hex or base64`;
  return `${label}: ${KEY_RULES[keyFormOf(recipe)]}`;
}

function readSecret(text: string, all: readonly Verification[]): OwnSecret {
  const verify = all.filter((one) => !isFetched(one));
  if (verify.every(({ scheme }) => scheme === 'none'))
    return text === '' ? { ok: true, secret: '' } : { ok: false, got: 'a secret' };
  if (text === '') return { ok: false, got: 'an empty text' };
  const isKey = verify.some((verification) => isKeyOf(text, verification));
  return isKey
    ? { ok: true, secret: text }
    : { ok: false, got: `a text of ${text.length} characters that is none` };
}

function isKeyOf(text: string, verification: Verification): boolean {
  switch (verification.scheme) {
    case 'none':
      return false;
    case 'ed25519':
    case 'ecdsa-p256':
    case 'rsa':
      return text.length <= MAX_PUBLIC_KEY_CHARACTERS && publicKey(text, verification.scheme) !== null;
    case 'hmac':
      return text.length <= MAX_SECRET_CHARACTERS && keyBytes(text, verification.key ?? 'text') !== null;
    case 'hash':
    case 'token':
    case 'jwt':
    case 'basic':
      return text.length <= MAX_SECRET_CHARACTERS;
  }
}

function written(random: Uint8Array, form: KeyForm): string {
  switch (form) {
    case 'text':
      return base64UrlOf(random);
    case 'hex':
      return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
    case 'base64':
      return base64Of(random);
    case 'whsec':
      return `whsec_${base64Of(random)}`;
  }
}

/** Those that a recipe names, wherever it does. */
export function headersIn(recipe: Recipe): string[] {
  const found = new Set<string>(
    recipe.verify.some(({ scheme }) => scheme === 'basic') ? ['authorization'] : [],
  );
  const look = (value: unknown, name = ''): void => {
    if (typeof value === 'string') {
      if (name === 'header') found.add(value.toLowerCase());
      for (const [, header = ''] of value.matchAll(/\{header:([^{}|]+)/g)) found.add(header.toLowerCase());
    } else if (typeof value === 'object' && value !== null) {
      for (const [member, inner] of Object.entries(value)) look(inner, Array.isArray(value) ? name : member);
    }
  };
  look(recipe);
  return [...found];
}
