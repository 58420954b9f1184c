/** The webhooks of a client: found, listed, saved, tested, deleted. Each is an ordinary hook of the key's tenant. */
import { asNumbers, exactJson } from '../../../core/exact-numbers.ts';
import { boundProblems, type BoundProblem } from '../../../core/hook-bounds.ts';
import { MAX_HOOK_ID, scriptOf, type HookConfig } from '../../../core/hook-config.ts';
import { newSecret } from '../../../core/signature.ts';
import type { HookKeys } from '../../../core/hook-registration.ts';
import { isUnfit, type Unfit } from '../../../event-log/refused.ts';
import type { HookView } from '../../../event-log/hook-reader.ts';
import { answerText } from '../../../hook/report.ts';
import { configOf, entityOf, mustBeTested, webhookMember } from '../../../providers/superoffice/hook.ts';
import { patched, readPatch } from '../../../providers/superoffice/patch.ts';
import {
  byLowerName,
  STATES,
  stateNamed,
  type State,
  type WebhookInput,
} from '../../../providers/superoffice/webhook.ts';
import { randomBytes } from '../../../random.ts';
import { eventLogOf } from '../../../registry/address.ts';
import { attributionOf } from '../../attribution.ts';
import { baseOf } from '../../context.ts';
import { List } from '../../paging.ts';
import { madeOnce, Refusal } from '../../problem.ts';
import { linkNext, wholeList } from '../whole-list.ts';
import { webhookIn } from './body.ts';
import { checkRight, type Client, type Ctx } from './client.ts';
import { badArgument, noSuchWebhook, OwnRefusal } from './errors.ts';
import { checkUrl, expectSite, isPassed, sendTest, tryOut } from './try-out.ts';

/** A save is computed from the hook as it was; it is computed anew when the hook has changed meanwhile. */
const SAVE_TRIES = 5;
/** The object of each is asked. */
const PAGE_HOOKS = 40;

export type View = HookView;
export type Entity = ReturnType<typeof entityOf>;
/** What a webhook is to be, told from how it is now. */
export type Wish = (view: View) => WebhookInput;

/** As lists and RPC answer it. */
export function entity(view: View): Entity {
  return shown(keptEntity(view));
}

/** With its Properties as they are kept. */
function keptEntity({ registration, runtime }: View): Entity {
  return entityOf(registration, runtime, null);
}

/** With the numbers in its Properties as they were sent. */
function shown(kept: Entity): Entity {
  return { ...kept, Properties: exactJson(kept.Properties) };
}

/** As REST answers one. */
export function entityWithLinks(c: Ctx, { collection }: Client, { registration, runtime }: View): Entity {
  const archive = `${baseOf(c)}${collection}`;
  return shown(entityOf(registration, runtime, { self: `${archive}/${registration.id}`, archive }));
}

/** The id of a webhook as text; what cannot be one names none. */
export function webhookIdOf(text: string): number {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > MAX_HOOK_ID) throw noSuchWebhook(text);
  return id;
}

/** The same of a query of the RPC form, where any number of the right size will do. */
export function int32Of(text: string): number {
  const id = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if ((id | 0) !== id) throw badArgument('The request is invalid: expected webhookId to be a 32-bit integer');
  return id;
}

/** The WebhookId among the members of a body; 0: it has none. */
export function idIn(body: object): number {
  const id = asNumbers(byLowerName(body).get('webhookid') ?? 0);
  return int32Of(typeof id === 'number' ? String(id) : '');
}

export async function find(c: Ctx, client: Client, id: number): Promise<View | null> {
  return eventLogOf(c.env, client.tenant).getHook(id, client.scope);
}

export async function get(c: Ctx, client: Client, id: number): Promise<View> {
  const view = await find(c, client, id);
  if (view === null) throw noSuchWebhook(String(id));
  return view;
}

/** '' is no filter, and so is the state Unknown. */
export interface Filters {
  readonly name: string;
  readonly event: string;
  readonly status: State;
}

/** By name, or by number, which a query has as text. */
export function statusFilterOf(sent: unknown): State {
  const value = asNumbers(sent);
  if (value === undefined || value === null || value === '') return 'Unknown';
  const state = stateNamed(typeof value === 'string' && /^\d$/.test(value) ? Number(value) : value);
  if (state !== undefined) return state;
  const got = JSON.stringify(value).slice(0, 80);
  throw badArgument(`statusFilter: expected ${STATES.join(', ')} or a number from 0 to 3, got ${got}`);
}

export async function list(c: Ctx, client: Client, filters: Filters): Promise<readonly Entity[]> {
  const event = filters.event.toLowerCase();
  const log = eventLogOf(c.env, client.tenant);
  const isAskedFor = (webhook: Entity) =>
    (filters.name === '' || webhook.Name === filters.name) &&
    (event === '' || webhook.Events.some((one) => one.toLowerCase() === event)) &&
    (filters.status === 'Unknown' || webhook.State === filters.status);
  const cursors = new List([client.collection.toLowerCase(), client.tenant.tenant, filters]);
  const cursor = Object.entries(c.req.query()).find(([name]) => name.toLowerCase() === 'cursor')?.[1];
  const { items, next } = await wholeList<Entity>(
    cursors.placeOf(cursor),
    ({ WebhookId }) => WebhookId,
    async (after) => {
      const page = await log.hookPage(client.scope, { order: 'asc', after, limit: PAGE_HOOKS });
      return { items: page.views.map(entity).filter(isAskedFor), next: page.next };
    },
  );
  linkNext(c, cursors, next);
  return items;
}

export async function create(c: Ctx, client: Client, webhook: WebhookInput): Promise<View> {
  if (webhook.state === 'TooManyErrors') throw stateRefused();
  const config = fittingConfig(client, webhook, null);
  const secret = newSecret(randomBytes(32));
  await tryOut(c, client, { config, keys: keysOf(secret), hookId: null });
  const relayHost = new URL(c.req.url).host;
  const hook = { config, secret, relayHost, keyId: client.keyId };
  const by = attributionOf(c, client.caller);
  return madeOnce(fitting(await eventLogOf(c.env, client.tenant).createHook(hook, null, by)));
}

/** Puts another webhook in place of one. */
export async function save(c: Ctx, client: Client, id: number, wish: Wish): Promise<View> {
  const log = eventLogOf(c.env, client.tenant);
  for (let tries = 0; tries < SAVE_TRIES; tries += 1) {
    const view = await get(c, client, id);
    checkUnmodified(c, view);
    const { registration, runtime } = view;
    const webhook = wish(view);
    // Read, changed elsewhere and saved: the state that only the relay sets is no wish of the client's.
    const keepsState = webhook.state === 'TooManyErrors' && runtime.state === 'disabled';
    if (webhook.state === 'TooManyErrors' && !keepsState) throw stateRefused();
    const config = {
      ...fittingConfig(client, webhook, registration.config),
      ...(keepsState ? { paused: registration.config.paused } : {}),
    };
    const state = keepsState ? 'active' : runtime.state;
    if (mustBeTested(config, registration.config, state)) {
      await tryOut(c, client, { config, keys: registration, hookId: id });
    } else if (scriptOf(config) === null) checkUrl(c, config);
    const relayHost = new URL(c.req.url).host;
    // Another state than TooManyErrors ends that one; Active starts over, as resuming does.
    const isEnabled =
      !keepsState && (runtime.state === 'disabled' || (runtime.state === 'paused' && !config.paused));
    const saved = fitting(
      await log.replaceHook(
        id,
        client.scope,
        registration.version,
        config,
        relayHost,
        isEnabled,
        attributionOf(c, client.caller),
      ),
    );
    if (saved === 'outdated') continue;
    if (saved === null) throw noSuchWebhook(String(id));
    return saved;
  }
  throw new Refusal('conflict', `Webhook ${id} keeps changing; try again.`);
}

/** What a patch makes of the webhook as it is answered. */
export function changed(body: unknown): Wish {
  const reading = readPatch(body);
  if (!reading.ok) throw badArgument(reading.message);
  return (view) => {
    const result = patched(keptEntity(view), reading.patch);
    switch (result.kind) {
      case 'patched':
        return webhookIn(result.entity);
      case 'differs':
        throw new Refusal('conflict', result.message);
      case 'impossible':
        throw badArgument(result.message);
    }
  };
}

/** Refuses to change what has changed since the time of If-Unmodified-Since. HTTP's dates have whole seconds. */
function checkUnmodified(c: Ctx, { registration }: View): void {
  const sinceMs = Date.parse(c.req.header('if-unmodified-since') ?? '');
  if (Math.floor(registration.updatedAtMs / 1000) * 1000 > sinceMs) {
    throw new OwnRefusal(412, `Webhook id ${registration.id} has changed since then`);
  }
}

/** Not even a call of it has changed since the time of If-Modified-Since. */
export function isUnmodified(c: Ctx, { registration, runtime }: View): boolean {
  const sinceMs = Date.parse(c.req.header('if-modified-since') ?? '');
  const { lastSuccessAtMs, lastFailureAtMs } = runtime;
  return Math.max(registration.updatedAtMs, lastSuccessAtMs ?? 0, lastFailureAtMs ?? 0) <= sinceMs;
}

export async function remove(c: Ctx, client: Client, id: number): Promise<void> {
  const deleted = await eventLogOf(c.env, client.tenant).deleteHook(
    id,
    client.scope,
    null,
    attributionOf(c, client.caller),
  );
  if (deleted === null || deleted === 'outdated') throw noSuchWebhook(String(id));
}

/** Pings a webhook, saved or not. The masks in it stand for what the webhook of its WebhookId has. */
export async function test(c: Ctx, client: Client, body: unknown) {
  const webhook = webhookIn(body, { isForTest: true });
  const id = idIn(body as object);
  const registration = await eventLogOf(c.env, client.tenant).registration(id, client.scope);
  const config = fittingConfig(client, webhook, registration?.config ?? null);
  const script = scriptOf(config);
  if (script !== null) {
    await expectSite(c, client);
    return testAnswer(true, `Nothing was sent: it would run the script ${script}`);
  }
  const report = await sendTest(c, client, {
    config,
    keys: registration ?? keysOf(newSecret(randomBytes(32))),
    hookId: registration?.id ?? null,
  });
  return testAnswer(isPassed(report), answerText(report));
}

/** The config that a webhook stands for. What is too large to be saved is refused before anything is sent to its target. */
function fittingConfig(client: Client, webhook: WebhookInput, current: HookConfig | null): HookConfig {
  const config = configOf(webhook, current);
  if (scriptOf(config) !== null) checkRight(client, 'script');
  const problems = boundProblems(config, current);
  if (problems.length > 0) throw tooLarge(problems);
  return config;
}

function fitting<T>(result: T): Exclude<T, Unfit> {
  if (isUnfit(result)) throw tooLarge(result.problems);
  return result as Exclude<T, Unfit>;
}

function tooLarge(problems: readonly BoundProblem[]): Refusal {
  const texts = problems.map(
    ({ member, expected, got }) => `Webhook ${webhookMember(member)}: expected ${expected}, got ${got}`,
  );
  return badArgument(texts.join('; '));
}

/** SuperOffice's WebhookResult. */
function testAnswer(Success: boolean, Message: string) {
  return { Success, Message, TableRight: null, FieldProperties: null };
}

/** Of a hook that is not registered. */
function keysOf(secret: string): HookKeys {
  return { secret, formerSecrets: [], secretKeys: [] };
}

function stateRefused(): Refusal {
  return badArgument('Webhook State: expected Active or Stopped, got TooManyErrors');
}
