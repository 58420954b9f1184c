/** The query of a request, by the parameters that its route knows: nothing in it is passed over in silence. */
import type * as z from 'zod';
import { invalid, type FieldError } from './problem.ts';
import { pathOf } from './validation.ts';

/** The parameters by name; throws a refusal that names those that the route does not know or that come twice. */
export function queryOf(url: string, known: z.ZodObject | undefined): Readonly<Record<string, string>> {
  const names = Object.keys(known?.shape ?? {});
  const sent = new Map<string, string>();
  const problems: FieldError[] = [];
  for (const [name, value] of new URL(url).searchParams) {
    const path = pathOf([name], 'query');
    if (!names.includes(name)) problems.push({ path, expected: listed(names), got: shown(name) });
    else if (sent.has(name)) problems.push({ path, expected: 'it once', got: 'it again' });
    sent.set(name, value);
  }
  if (problems.length > 0) throw invalid(...problems.slice(0, MAX_PROBLEMS));
  return Object.fromEntries(sent);
}

const MAX_PROBLEMS = 50;
const MAX_SHOWN_CHARACTERS = 80;

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no parameters' : `one of ${names.join(', ')}`;
}

function shown(name: string): string {
  return name.length > MAX_SHOWN_CHARACTERS ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name;
}
