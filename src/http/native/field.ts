/** What the routes of the native API have in common: ids, times and patterns. */
import * as z from 'zod';
import { patternsProblems, type BoundProblem } from '../../core/hook-bounds.ts';
import { MAX_HOOK_ID } from '../../core/hook-config.ts';
import { parsePattern, type Pattern } from '../../core/pattern.ts';
import { invalid, notFound, type FieldError } from '../problem.ts';
import { rule } from '../validation.ts';

export const Time = z.iso.datetime().meta({ description: 'RFC 3339, in UTC.' });

/** A bound over the time of receipt. */
export const Instant = z.iso
  .datetime({ offset: true })
  .meta({ description: 'RFC 3339; over the time of receipt.' });

/** A pattern over types. */
export const PatternText = z.string().superRefine((text, context) => {
  const reading = parsePattern(text);
  if (!reading.ok) context.addIssue(rule(reading.expected, reading.got.slice(0, 80)));
});

/** Of a text that `PatternText` has let through. */
export function patternOf(text: string): Pattern {
  const reading = parsePattern(text);
  if (!reading.ok) throw new Error(`pattern: expected ${reading.expected}, got ${reading.got}`);
  return reading.pattern;
}

/** The number of a hook in a query. */
export const HookNumber = z
  .string()
  .regex(/^[1-9]\d{0,9}$/)
  .transform(Number)
  .pipe(z.int().max(MAX_HOOK_ID));

/** The path of everything that belongs to a hook. */
export const HookParams = z.object({ id: z.string().meta({ description: 'The number of the hook.' }) });

/** Of the patterns of a member, each of which `PatternText` has let through; null: every type. Throws where they are too many in all. */
export function patternsOf(
  member: 'events' | 'types',
  texts: readonly string[] | undefined,
): Pattern[] | null {
  const problems = patternsProblems(member, texts ?? []);
  if (problems.length > 0) throw invalid(...problems.map(boundError));
  return texts?.map(patternOf) ?? null;
}

/** A member that answers carry and requests may send back: it is ignored there. */
export const ignored = z.unknown().optional().meta({ readOnly: true });

/** What a change to another host left behind, in the answer of that change alone. */
export const Dropped = z.array(z.string()).optional().meta({
  description:
    'Write-only members that the change to another host has dropped. Send them along to keep them: *** is no value there.',
});

/** Of an answer that dropped nothing there is no such member. */
export function droppedJson(dropped: readonly string[]): { dropped?: string[] } {
  return dropped.length === 0 ? {} : { dropped: [...dropped] };
}

/** Where in a body a member is that is too large. */
export function boundError({ member, index, path: place, expected, got }: BoundProblem): FieldError {
  if (place !== undefined) return { path: place, expected, got };
  const path = SUPEROFFICE_MEMBERS.has(member) ? `/superoffice/${member}` : `/${member}`;
  return { path: index === null ? path : `${path}/${index}`, expected, got };
}

const SUPEROFFICE_MEMBERS: ReadonlySet<string> = new Set([
  'properties',
  'notes',
  'headerNames',
  'errorsEmail',
]);

/** The id of a hook in a path; what cannot be one names no hook. */
export function hookIdOf(text: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Infinity;
  if (id > MAX_HOOK_ID) throw notFound('hook');
  return id;
}

export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

export function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}

/** For how long what is rotated counts beside the new one. */
export const OverlapSeconds = z
  .int()
  .min(0)
  .max(7 * 86_400)
  .default(86_400);
