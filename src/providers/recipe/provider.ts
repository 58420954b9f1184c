/** A provider that is described as data: the engine of recipes behind the interface that all providers have. */
import {
  type Verdict,
  type Arrived,
  type Item,
  type Provider,
  type Reading,
  type ReadingContext,
} from '../provider.ts';
import { type Compiled } from './compile.ts';
import { valueWhen } from './condition.ts';
import { credentialsIn } from './credentials.ts';
import { JsonDocument } from './document.ts';
import { factsOf } from './facts.ts';
import { type Scope } from './filling.ts';
import { replyTo } from './handshake.ts';
import { Received } from './received.ts';
import { MAX_ITEMS, type SplitItem } from './split.ts';

/** What the engine itself does of a provider. The rest is said by who describes it. */
export type RecipeEngine = Pick<Provider, 'greet' | 'verify' | 'read' | 'answers' | 'credentialsIn'>;

/** `id`: the first word of its events' types. */
export function recipeEngine(id: string, compiled: Compiled): RecipeEngine {
  const { recipe, rules, verifiers } = compiled;
  /** What greets, verifies and reads one request reads its body once. */
  const seen = new WeakMap<Arrived, Received>();
  const receivedOf = (arrived: Arrived): Received => {
    const known = seen.get(arrived);
    if (known !== undefined) return known;
    const received = new Received(arrived, rules);
    seen.set(arrived, received);
    return received;
  };

  /** A handshake, or a request that is no event; `isSigned`: of those that count when verified, or of the others. */
  const greeting = (arrived: Arrived, secrets: readonly string[], isSigned: boolean): Reading | null => {
    const received = receivedOf(arrived);
    const scope: Scope = { received, item: null, parents: [] };
    const whole = () => ({ ...scope, item: received.document });
    for (const handshake of recipe.handshake ?? []) {
      if ((handshake.signed ?? false) !== isSigned) continue;
      const value = valueWhen(handshake.when, whole());
      const reply = value === null ? null : replyTo(value, handshake, secrets[0] ?? null, compiled.key);
      if (reply !== null)
        return { kind: 'handshake', reply, secret: handshake.keepsSecret === true ? value : null };
    }
    for (const { when, signed = true } of recipe.ignore ?? []) {
      if (signed === isSigned && valueWhen(when, whole()) !== null) return { kind: 'test' };
    }
    return null;
  };

  const itemOf = ({ item, parents }: SplitItem, arrived: Arrived, context: ReadingContext): Item => {
    const body = new TextEncoder().encode(item.text);
    const raw =
      item instanceof JsonDocument
        ? ({ kind: 'json', text: item.text } as const)
        : ({ kind: 'bytes', contentType: arrived.headers.get('content-type') ?? null } as const);
    const scope = { received: receivedOf(arrived), item, parents };
    return { facts: factsOf(id, compiled, scope, body, raw, context), body };
  };

  return {
    ...(recipe.answer === undefined ? {} : { answers: recipe.answer }),

    greet: (arrived, secrets) => greeting(arrived, secrets, false),

    credentialsIn: credentialsIn(recipe, receivedOf),

    verify(arrived, secrets, nowMs): Verdict {
      const received = receivedOf(arrived);
      const verifier = verifiers.find((one) => one.carries(received));
      return verifier?.holds(received, secrets, nowMs) === true ? verifier.assurance : 'rejected';
    },

    read(arrived, context, secrets = []): Reading {
      const greeted = greeting(arrived, secrets, true);
      if (greeted !== null) return greeted;
      const received = receivedOf(arrived);
      const { document } = received;
      if (rules.splits === null) {
        const raw =
          document instanceof JsonDocument
            ? ({ kind: 'json', text: document.text } as const)
            : ({ kind: 'bytes', contentType: arrived.headers.get('content-type') ?? null } as const);
        const scope = { received, item: document, parents: [] };
        const { body } = arrived;
        const facts = factsOf(id, compiled, scope, body, raw, context);
        return { kind: 'events', items: [{ facts, body }], isBatch: false };
      }
      const { splitting } = received;
      if (splitting === null) {
        const got =
          arrived.body.length === 0 ? 'an empty body' : `a body that is no ${rules.body.toUpperCase()}`;
        return { kind: 'malformed', path: '', expected: `${rules.body.toUpperCase()} in UTF-8`, got };
      }
      switch (splitting.kind) {
        case 'no-list':
          return { kind: 'malformed', path: splitting.path, expected: 'the list of events', got: 'none' };
        case 'too-many':
          return { kind: 'too-many', limit: MAX_ITEMS };
        case 'items':
          return {
            kind: 'events',
            items: splitting.items.map((item) => itemOf(item, arrived, context)),
            isBatch: true,
          };
      }
    },
  };
}
