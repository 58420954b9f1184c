/** The operator's switches: what they are, how they are written down, what they are when nothing is known. */
import * as z from 'zod';

export const SWITCH_STATES = ['open', 'paused'] as const;
export const NOTE_CHARACTERS = 200;

const State = z.enum(SWITCH_STATES);

/** As the switchboard keeps and answers them. */
export const SwitchesSchema = z.object({
  ingest: State,
  delivery: State,
  note: z.string(),
  /** Null: nobody has touched them yet. */
  updatedAtMs: z.int().min(0).nullable(),
});

export type Switches = z.infer<typeof SwitchesSchema>;
export type SwitchName = 'ingest' | 'delivery';

/** A member that is absent stays as it is. */
export type SwitchChange = Readonly<Partial<Pick<Switches, 'ingest' | 'delivery' | 'note'>>>;

export const OPEN: Switches = { ingest: 'open', delivery: 'open', note: '', updatedAtMs: null };

const LOOK_AGAIN_MIN_MS = 20_000;
/** With what it takes to ask and to be woken, reopening takes effect within a minute. */
export const LOOK_AGAIN_MAX_MS = 55_000;

/** When somebody who found a switch paused looks again: the longer it has been, the later. A short pause is over soon. */
export function nextLookMs({ updatedAtMs }: Switches, nowMs: number): number {
  const pausedForMs = nowMs - (updatedAtMs ?? nowMs);
  return nowMs + Math.min(LOOK_AGAIN_MAX_MS, Math.max(LOOK_AGAIN_MIN_MS, pausedForMs));
}
