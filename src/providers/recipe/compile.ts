/** From a recipe to what reads requests by it; or to all that is wrong with it. */
import { isJsonPointer } from '../../core/json-text.ts';
import { isList } from './condition.ts';
import { filling, starsFit, type Fill } from './filling.ts';
import { type BodyRules } from './received.ts';
import {
  type Conditions,
  type EventFacts,
  type KeyForm,
  type Recipe,
  type Spot,
  type Verification,
} from './recipe.ts';
import { pointerSegments, type Splits } from './split.ts';
import { parseTemplate, type Field, type Part } from './template.ts';
import { isFetched, verifierOf, type Verifier } from './verify.ts';

/** What the source says beside the secret, by name. */
export type Options = Readonly<Record<string, string>>;

/** `path`: a JSON Pointer into the recipe. */
export interface RecipeProblem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

export type FactFills = { readonly [M in keyof EventFacts]-?: readonly Fill[] };

export interface Compiled {
  readonly recipe: Recipe;
  readonly rules: BodyRules;
  readonly verifiers: readonly Verifier[];
  readonly facts: FactFills;
  /** How the secret is read as a key, for what the relay signs itself. */
  readonly key: KeyForm;
}

export type Compiling =
  | { readonly ok: true; readonly compiled: Compiled }
  | { readonly ok: false; readonly problems: readonly RecipeProblem[] };

const FACTS = ['name', 'entity', 'action', 'id', 'entityId', 'time', 'account', 'actor'] as const;
const MESSAGE_FIELDS: ReadonlySet<Field['from']> = new Set([
  'timestamp',
  'bytes',
  'crc32',
  'pairs',
  'secret',
  'url',
]);

/** `hasKeys`: it is known where the provider's keys lie. */
export function compile(recipe: Recipe, options: Options = {}, hasKeys = false): Compiling {
  const missing = optionsIn(recipe).filter((name) => !Object.hasOwn(options, name));
  if (missing.length > 0) {
    const problems = missing.map((name) => ({
      path: '',
      expected: `the option ${name}, as {option:${name}} stands for it`,
      got: 'none',
    }));
    return { ok: false, problems };
  }
  return new Compiler(withOptions(recipe, options), options, hasKeys).run();
}

class Compiler {
  readonly #recipe: Recipe;
  readonly #options: Options;
  readonly #splits: Splits;
  readonly #hasKeys: boolean;
  readonly #problems: RecipeProblem[] = [];

  constructor(recipe: Recipe, options: Options, hasKeys: boolean) {
    this.#recipe = recipe;
    this.#options = options;
    this.#hasKeys = hasKeys;
    this.#splits = recipe.split === undefined ? null : [recipe.split].flat().map(pointerSegments);
  }

  run(): Compiling {
    const recipe = this.#recipe;
    const { verify, handshake = [], ignore = [], body = 'json', split } = recipe;
    if (typeof split === 'string') this.#checkPointer(split, '/split');
    else for (const [at, pointer] of (split ?? []).entries()) this.#checkPointer(pointer, `/split/${at}`);
    for (const [at, { when }] of handshake.entries()) this.#checkConditions(when, `/handshake/${at}/when`);
    for (const [at, { when }] of ignore.entries()) this.#checkConditions(when, `/ignore/${at}/when`);
    const verifiers = verify.map((verification, at) => this.#verifier(verification, `/verify/${at}`));
    const facts = Object.fromEntries(
      FACTS.map((name) => [name, this.#fact(recipe.event[name], `/event/${name}`)]),
    ) as unknown as FactFills;
    if (recipe.event.name === undefined && recipe.event.entity === undefined)
      this.#found('/event/name', 'a name, or an entity', 'neither');
    if (this.#problems.length > 0) return { ok: false, problems: this.#problems };
    const [hmac] = verify.filter((verification) => verification.scheme === 'hmac');
    const compiled = {
      recipe,
      rules: { body, splits: this.#splits },
      verifiers,
      facts,
      key: hmac?.key ?? 'text',
    };
    return { ok: true, compiled };
  }

  #verifier(verification: Verification, path: string): Verifier {
    const { scheme } = verification;
    const all = this.#recipe.verify;
    if (scheme === 'none' && all.length > 1)
      this.#found(
        `${path}/scheme`,
        'none to stand alone: what it takes, nothing else refuses',
        `${all.length} alternatives`,
      );
    if (scheme === 'basic' && (this.#options['username'] ?? '') === '')
      this.#found(`${path}/scheme`, 'basic with options.username', 'no username');
    if (isFetched(verification) && !this.#hasKeys)
      this.#found(`${path}/fetched`, 'nothing: a recipe fetches no keys', 'true');
    if (scheme === 'jwt' && (verification.algorithm === 'RS256') !== isFetched(verification))
      this.#found(`${path}/algorithm`, 'HS256 under the secret, or RS256 under a fetched key', 'another one');
    let message: readonly Part[] = [];
    if (scheme !== 'none' && scheme !== 'basic') {
      const { signature } = verification;
      const each = scheme !== 'jwt' && verification.each === true;
      this.#checkSpot(signature, `${path}/signature`);
      if (each && this.#splits === null)
        this.#found(`${path}/each`, 'a split whose items it speaks of', 'no split');
      if (scheme !== 'token' && scheme !== 'jwt') message = this.#message(verification, path);
    }
    if (verification.when !== undefined) this.#checkConditions(verification.when, `${path}/when`);
    const isRelaySigning = (this.#recipe.handshake ?? []).some(({ reply }) => reply.sign !== undefined);
    const username = this.#options['username'] ?? '';
    return verifierOf(verification, { splits: this.#splits, username, isRelaySigning, message });
  }

  #message(verification: Extract<Verification, { message: unknown }>, path: string): readonly Part[] {
    const { scheme, signature, timestamp, content } = verification;
    if (timestamp !== undefined) {
      if (timestamp.list === undefined) this.#checkSpot(timestamp, `${path}/timestamp`);
      else if (signature.list === undefined)
        this.#found(`${path}/timestamp/list`, 'a signature with a list', 'a signature alone');
    }
    if (content !== undefined) this.#checkSpot(content, `${path}/content`);
    const parts = verification.message.flatMap((text, at) => this.#template(text, `${path}/message/${at}`));
    const froms = new Set(parts.map((part) => (part.kind === 'field' ? part.field.from : null)));
    if (froms.has('timestamp') && timestamp === undefined)
      this.#found(`${path}/timestamp`, 'a timestamp, as the message has {timestamp}', 'nothing');
    if (froms.has('secret') !== (scheme === 'hash'))
      this.#found(
        `${path}/message`,
        '{secret} in the message of a hash, and in no other',
        froms.has('secret') ? '{secret}' : 'none',
      );
    if (!parts.some((part) => part.kind === 'field' && part.field.from !== 'secret'))
      this.#found(`${path}/message`, 'a part that is filled from the request', 'fixed text alone');
    return parts;
  }

  #fact(fact: EventFacts['id'], path: string): Fill[] {
    if (fact === undefined || fact === null) return [];
    const isOne = typeof fact === 'string';
    const texts = isOne ? [fact] : fact;
    return texts.flatMap((text, at) => {
      if (text === null) return [];
      const here = isOne ? path : `${path}/${at}`;
      const parts = this.#template(text, here);
      for (const part of parts) {
        if (part.kind === 'field' && MESSAGE_FIELDS.has(part.field.from))
          this.#found(
            here,
            'a part that says what happened',
            `a part of a signed message in ${JSON.stringify(text)}`,
          );
      }
      return filling(parts, this.#splits);
    });
  }

  #template(text: string, path: string): readonly Part[] {
    const reading = parseTemplate(text);
    if (!reading.ok) {
      this.#found(path, reading.expected, reading.got);
      return [];
    }
    for (const part of reading.parts) {
      if (part.kind !== 'field') continue;
      const { field } = part;
      if (field.from === 'body' && !starsFit(field.pointer, this.#splits))
        this.#found(path, 'a * only where split has one', `{body:${field.pointer}}`);
      if (field.from === 'item' && /\/\*(\/|$)/.test(field.pointer))
        this.#found(path, 'a pointer without *, as an item is one', `{${field.pointer}}`);
    }
    return reading.parts;
  }

  #checkConditions(conditions: Conditions, path: string): void {
    if (!isList(conditions)) {
      this.#checkSpot(conditions, path);
      return;
    }
    for (const [at, condition] of conditions.entries()) this.#checkSpot(condition, `${path}/${at}`);
  }

  #checkSpot(spot: Spot, path: string): void {
    const given = [spot.header, spot.query, spot.body, spot.form].filter((place) => place !== undefined);
    if (given.length !== 1) {
      this.#found(
        path,
        'one of header, query, body and form',
        given.length === 0 ? 'none' : `${given.length} of them`,
      );
    }
    if (spot.body !== undefined) {
      this.#checkPointer(spot.body, `${path}/body`);
      if (/\/\*(\/|$)/.test(spot.body))
        this.#found(`${path}/body`, 'a pointer without *', JSON.stringify(spot.body));
    }
  }

  #checkPointer(pointer: string, path: string): void {
    if (!isJsonPointer(pointer)) this.#found(path, 'a JSON Pointer like /data/id', JSON.stringify(pointer));
  }

  #found(path: string, expected: string, got: string): void {
    this.#problems.push({ path, expected, got });
  }
}

const OPTION = /\{option:([A-Za-z]{1,40})\}/g;

/** The names of the options that stand in its texts. */
function optionsIn(recipe: Recipe): string[] {
  return [...new Set([...JSON.stringify(recipe).matchAll(OPTION)].map(([, name = '']) => name))];
}

/** With the options in place of `{option:name}`. */
function withOptions(recipe: Recipe, options: Options): Recipe {
  const text = JSON.stringify(recipe);
  const filled = text.replace(OPTION, (_all, name: string) =>
    JSON.stringify(options[name] ?? '').slice(1, -1),
  );
  return filled === text ? recipe : (JSON.parse(filled) as Recipe);
}
