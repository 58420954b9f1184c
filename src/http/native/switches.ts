/** `/v1/switches`: the operator's alone. */
import * as z from 'zod';
import { logLine } from '../../log.ts';
import { switchboardOf } from '../../registry/address.ts';
import { changeSwitches, readSwitches, type SwitchesAnswer } from '../../switchboard/calls.ts';
import { NOTE_CHARACTERS, SWITCH_STATES } from '../../switchboard/switch-state.ts';
import { learnSwitches } from '../../switchboard/switches.ts';
import type { Api } from '../api.ts';
import { auditOfRelay } from '../relay-audit.ts';
import { Refusal } from '../problem.ts';
import { rule } from '../validation.ts';
import { Time, ignored, timeOrNull } from './field.ts';

const Ingest = z.enum(SWITCH_STATES).meta({ description: 'Paused: nothing is accepted, 503.' });
const Delivery = z.enum(SWITCH_STATES).meta({ description: 'Paused: queues grow, nothing is sent.' });

/** Characters as JSON Schema counts them: one outside the basic plane is one. */
const Note = z
  .string()
  .superRefine((note, context) => {
    const characters = Array.from(note).length;
    if (characters > NOTE_CHARACTERS) {
      context.addIssue(rule(`at most ${NOTE_CHARACTERS} characters`, `${characters} characters`));
    }
  })
  .meta({ maxLength: NOTE_CHARACTERS, description: 'Why, for whoever looks next.' });

const SwitchesAnswerSchema = z
  .object({
    ingest: Ingest,
    delivery: Delivery,
    note: Note,
    updatedAt: Time.nullable().meta({ description: 'null: never changed.' }),
  })
  .meta({ id: 'Switches' });

const SwitchesChange = z
  .strictObject({
    ingest: Ingest.optional(),
    delivery: Delivery.optional(),
    note: Note.optional(),
    updatedAt: ignored,
  })
  .meta({ id: 'SwitchesChange', description: 'What is absent stays as it is.' });

export const getSwitches = {
  method: 'get',
  path: '/v1/switches',
  summary: 'Get the switches of the relay',
  operationId: 'getSwitches',
  tag: 'Operations',
  description: 'Answers with what the operator has paused, for the whole relay or for a tenant.',
  isForOperator: true,
  answers: { 200: { description: 'The switches', schema: SwitchesAnswerSchema } },
  problems: [],
} as const;

export const putSwitches = {
  method: 'put',
  path: '/v1/switches',
  summary: 'Pause or reopen ingest or delivery: paused within 5 s, reopened within 60 s',
  operationId: 'setSwitches',
  tag: 'Operations',
  description:
    'Pauses or reopens intake or delivery. Paused intake is answered 503, so that providers try again; paused delivery keeps its queues.',
  isForOperator: true,
  body: SwitchesChange,
  answers: { 200: { description: 'The switches as they are now', schema: SwitchesAnswerSchema } },
  problems: [],
} as const;

export function switchRoutes(api: Api): void {
  api.route(getSwitches, async (c) => c.json(switchesJson(await readSwitches(switchboardOf(c.env))), 200));

  api.route(putSwitches, async (c, input) => {
    const { ingest, delivery, note } = input.body;
    const change = {
      ...(ingest === undefined ? {} : { ingest }),
      ...(delivery === undefined ? {} : { delivery }),
      ...(note === undefined ? {} : { note }),
    };
    // In front of the change: none is made that is on no record.
    const { updatedAt: _, ...before } = switchesJson(await readSwitches(switchboardOf(c.env)));
    await auditOfRelay(c, 'switches', before, { ...before, ...change });
    const askedAtMs = Date.now();
    const answer = await changeSwitches(switchboardOf(c.env), change);
    if (answer.ok) {
      learnSwitches(answer.switches, askedAtMs);
      logLine('warn', 'switches', { ingest: answer.switches.ingest, delivery: answer.switches.delivery });
    }
    return c.json(switchesJson(answer), 200);
  });
}

function switchesJson(answer: SwitchesAnswer): z.infer<typeof SwitchesAnswerSchema> {
  if (!answer.ok) {
    throw new Refusal('unavailable', 'The switchboard did not answer; read the switches before going on.');
  }
  const { updatedAtMs, ...switches } = answer.switches;
  return { ...switches, updatedAt: timeOrNull(updatedAtMs) };
}
