/** What the relay answers: the types of the typed client, which follow from the relay's own schemas, and parts of them. */
import type {
  Delivery,
  DeliveryOfHook,
  EventJourney,
  Hook,
  TailAttempt,
  TailEvent,
} from '../../../client/posthorn.ts';
import type { AnswerOf, ItemOf } from '../../../client/route.ts';
import type { listHooks, patchHookRoute } from '../../../src/http/native/hooks.ts';
import type { createKey } from '../../../src/http/native/keys.ts';
import type { getMe } from '../../../src/http/native/me.ts';
import type { reencryptSecrets } from '../../../src/http/native/secrets.ts';
import type { testFilters } from '../../../src/http/native/shaping.ts';

export type * from '../../../client/posthorn.ts';

export type Me = AnswerOf<typeof getMe>;
export type Role = Me['role'];

/** In the list: with what is wrong with it. */
export type HookRow = ItemOf<typeof listHooks>;
/** With what did not move along to another host. */
export type PatchedHook = AnswerOf<typeof patchHookRoute>;
/** With the key itself: in the answer that made it, and never again. */
export type NewKey = AnswerOf<typeof createKey>;

export type Reencrypted = AnswerOf<typeof reencryptSecrets>;

export type Template = NonNullable<Hook['template']>;
export type HookDelivery = EventJourney['deliveries'][number];
/** Of a hook, or of one delivery: why it does not go out now. */
export type Waiting = NonNullable<Hook['waiting'] | HookDelivery['waiting']>;

/** A row of the deliveries of one hook, or of all. */
export type DeliveryRow = Delivery & Partial<Omit<DeliveryOfHook, keyof Delivery>>;

export type Tried = AnswerOf<typeof testFilters>;

/** What the live view is told. */
export type TailFrame = TailEvent | TailAttempt;
