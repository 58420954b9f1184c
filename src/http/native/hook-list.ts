/** The list of hooks: by what it is filtered, and what its rows say beside the hook. */
import * as z from 'zod';
import type { HookFilter } from '../../event-log/hook-views.ts';
import type { HookRuntime } from '../../hook/runtime.ts';
import { Time, ignored, timeOrNull } from './field.ts';

export const hookFilters = {
  state: z.enum(['active', 'paused', 'disabled']).optional(),
  failing: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'true: the active hooks of which nothing arrives. false: all others.' }),
  uid: z.string().min(1).optional(),
  name: z.string().min(1).optional().meta({ description: 'The whole name, to the letter.' }),
  url: z.string().min(1).optional().meta({ description: 'A part of the URL, in any case of letters.' }),
};

export function hookFilterOf(sent: z.output<z.ZodObject<typeof hookFilters>>): HookFilter {
  const { state, failing, uid, name, url } = sent;
  return {
    state: state ?? null,
    failing: failing === undefined ? null : failing === 'true',
    uid: uid ?? null,
    name: name ?? null,
    url: url ?? null,
  };
}

/** What is wrong with a hook, at a glance. */
export const rowMembers = {
  failing: z.boolean().meta({ description: 'It is active, and nothing of it arrives.' }),
  pending: z.int(),
  retrying: z.int(),
  dead: z.int(),
  oldestPendingAt: Time.nullable(),
  lastFailureAt: Time.nullable(),
  lastError: z.string().nullable(),
};

/** A row that is sent back is taken like the hook itself. */
export const readOnlyOfRow = {
  failing: ignored,
  pending: ignored,
  retrying: ignored,
  dead: ignored,
  oldestPendingAt: ignored,
  lastFailureAt: ignored,
  lastError: ignored,
} satisfies Record<keyof typeof rowMembers, unknown>;

export function troubleJson(runtime: HookRuntime): {
  [M in keyof typeof rowMembers]: z.output<(typeof rowMembers)[M]>;
} {
  return {
    failing: runtime.isFailing,
    pending: runtime.pending,
    retrying: runtime.retrying,
    dead: runtime.dead,
    oldestPendingAt: timeOrNull(runtime.oldestPendingAtMs),
    lastFailureAt: timeOrNull(runtime.lastFailureAtMs),
    lastError: runtime.lastError,
  };
}
