/** A plan against a relay: read what there is, and make the changes, each only where nothing has changed meanwhile. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  etagOf,
  type NewHook,
  type NewSource,
  type Posthorn,
  type SourcePatch,
} from '../../client/posthorn.ts';
import { usage } from '../exit.ts';
import { nameOfFile } from './managed.ts';
import { planOf, pruned, stepsFor, type PlanOptions, type Step, type World } from './plan.ts';
import { readHooksFile, type HooksFile } from './read.ts';

/** With the ETag of what is to be changed, as it was when the plan was made. */
export interface Planned {
  readonly step: Step;
  readonly etag: string | undefined;
}

export async function makePlan(
  relay: Posthorn,
  path: string,
  env: NodeJS.ProcessEnv,
  prune: boolean,
): Promise<Planned[]> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw usage(error instanceof Error ? error.message : `${path} cannot be read`);
  }
  const schema = await (await relay.request('get', '/schemas/hooks.json')).json<object>();
  const file = await readHooksFile(text, schema, env);
  return planAgainst(relay, file, { fileName: nameOfFile(path), prune });
}

/** What the file would change of what the relay has now. */
export async function planAgainst(
  relay: Posthorn,
  file: HooksFile,
  options: PlanOptions,
): Promise<Planned[]> {
  const world = await worldOf(relay);
  const planned: Planned[] = [];
  for (const step of planOf(file, world, options))
    planned.push(...(await again(relay, file, world, step, options)));
  return planned;
}

async function worldOf(relay: Posthorn): Promise<World> {
  return {
    sources: await relay.sources.list({ limit: 200 }).all(),
    hooks: await relay.hooks.list({ limit: 200 }).all(),
  };
}

/** The step by the registration as it is read alone, with its ETag: a list has none, and may be older. */
async function again(
  relay: Posthorn,
  file: HooksFile,
  world: World,
  step: Step,
  options: PlanOptions,
): Promise<Planned[]> {
  const { kind, uid, id } = step;
  if (id === null) return [{ step, etag: undefined }];
  const now = kind === 'hook' ? await relay.hooks.get(Number(id)) : await relay.sources.get(String(id));
  const etag = etagOf(now);
  const seen =
    kind === 'hook'
      ? { ...world, hooks: [now as World['hooks'][number]] }
      : { hooks: [], sources: [now as World['sources'][number]] };
  const steps =
    step.action === 'delete' ? pruned(file, seen, options) : stepsFor(kind, uid, file, seen, options);
  return steps
    .filter((other) => other.kind === kind && other.uid === uid)
    .map((other) => ({ step: other, etag }));
}

/** What it says, as one text: another plan has another. */
export function digestOf(planned: readonly Planned[]): string {
  const said = planned.map(({ step: { body: _body, newSecret: _newSecret, ...step }, etag }) => ({
    ...step,
    etag,
  }));
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url');
}

/** Takes one step. What it makes is found again by its uid, whatever happens to this process. */
export async function take(relay: Posthorn, { step, etag }: Planned): Promise<void> {
  const { action, kind, id, body, newSecret } = step;
  const options = { ifMatch: etag };
  if (kind === 'source') {
    if (action === 'create') await relay.sources.create(body as unknown as NewSource);
    else if (action === 'delete') await relay.sources.delete(String(id), options);
    else {
      // Before the secret, which has no condition of its own. With a stop in between the next plan shows it again.
      const { managedBy, ...rest } = body as SourcePatch;
      const changed = await relay.sources.update(String(id), rest, options);
      if (newSecret !== null) await relay.sources.rotateSecret(changed.id, { secret: newSecret });
      if (managedBy !== undefined) await relay.sources.update(String(id), { managedBy });
    }
  } else if (action === 'delete') {
    await relay.hooks.delete(Number(id), options);
  } else {
    const members = await withSourceIds(relay, body);
    if (action === 'create') await relay.hooks.create(members as unknown as NewHook);
    else await relay.hooks.update(Number(id), members, options);
  }
}

/** The sources that were made on the way have ids by now. */
async function withSourceIds(relay: Posthorn, body: Step['body']): Promise<Step['body']> {
  const named = body['sources'];
  if (!Array.isArray(named) || named.every((name) => String(name).startsWith('src_'))) return body;
  const all = await relay.sources.list({ limit: 200 }).all();
  const sources = (named as string[]).map((name) => all.find(({ uid }) => uid === name)?.id ?? name);
  return { ...body, sources };
}
