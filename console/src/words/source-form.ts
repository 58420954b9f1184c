/** What somebody types about a source, and what the relay is sent. */
import type { Source } from '../relay/answers.ts';

/** Every field as text, as it stands in the form. */
export interface SourceForm {
  readonly name: string;
  readonly uid: string;
  /** In this browser's time zone, as a field of date and time has it; empty: never. */
  readonly expiresAt: string;
  readonly options: Texts;
  /** JSON Pointers into the body. */
  readonly paths: Texts;
  /** JSON; of provider `custom` alone. */
  readonly recipe: string;
  /** Of provider `superoffice` alone: where hooks run scripts. */
  readonly site: Texts;
}

type Texts = Readonly<Record<string, string | undefined>>;

export const PATHS = ['eventType', 'entityId', 'account', 'time', 'eventId'] as const;

const RECIPE = `{
  "verify": [{ "scheme": "hmac", "digest": "sha256", "key": "text",
    "signature": { "header": "x-signature", "encoding": "hex" }, "message": ["{body}"] }],
  "event": { "name": "{/type}", "id": "{/id}" }
}`;

export const NEW_SOURCE: SourceForm = {
  name: '',
  uid: '',
  expiresAt: '',
  options: {},
  paths: {},
  recipe: RECIPE,
  site: {},
};

export function sourceFormOf({ name, uid, expiresAt, options, paths, recipe, site }: Source): SourceForm {
  return {
    name,
    uid: uid ?? '',
    expiresAt: expiresAt === null ? '' : localTime(expiresAt),
    options,
    paths,
    recipe: recipe === null ? RECIPE : JSON.stringify(recipe, null, 2),
    site:
      site === null
        ? {}
        : { url: site.url, authorization: site.authorization ?? '', appToken: site.appToken ?? '' },
  };
}

/** The members as a new source of this provider is sent them. */
export function sourceMembersOf(form: SourceForm, provider: string): Record<string, unknown> {
  const options = given(form.options);
  const paths = given(form.paths);
  const site = given(form.site);
  return {
    name: form.name,
    ...(form.uid === '' ? {} : { uid: form.uid }),
    ...(form.expiresAt === '' ? {} : { expiresAt: new Date(form.expiresAt).toISOString() }),
    ...(isEmpty(options) ? {} : { options }),
    ...(isEmpty(paths) ? {} : { paths }),
    ...(provider === 'custom' ? { recipe: JSON.parse(form.recipe) as unknown } : {}),
    ...(isEmpty(site) ? {} : { site }),
  };
}

/** A merge patch: what differs, and null for what is gone. */
export function sourceChanges(before: SourceForm, now: SourceForm): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  if (now.name !== before.name) patch.name = now.name;
  if (now.uid !== before.uid) patch.uid = now.uid === '' ? null : now.uid;
  if (now.expiresAt !== before.expiresAt)
    patch.expiresAt = now.expiresAt === '' ? null : new Date(now.expiresAt).toISOString();
  if (now.recipe !== before.recipe) patch.recipe = JSON.parse(now.recipe) as unknown;
  const options = differences(before.options, now.options);
  if (!isEmpty(options)) patch.options = options;
  const paths = differences(before.paths, now.paths);
  if (!isEmpty(paths)) patch.paths = paths;
  const site = differences(before.site, now.site);
  if (!isEmpty(site)) patch.site = isEmpty(given(now.site)) ? null : site;
  return patch;
}

/** What is wrong with a JSON text; null: nothing. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function given(texts: Texts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) =>
      text === undefined || text === '' ? [] : [[name, text]],
    ),
  );
}

function differences(before: Texts, now: Texts): Record<string, string | null> {
  const [was, is] = [given(before), given(now)];
  const names = new Set([...Object.keys(was), ...Object.keys(is)]);
  return Object.fromEntries(
    [...names].flatMap((name) => (was[name] === is[name] ? [] : [[name, is[name] ?? null]])),
  );
}

function isEmpty(members: object): boolean {
  return Object.keys(members).length === 0;
}

function localTime(time: string): string {
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
