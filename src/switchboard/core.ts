/**
 * The switches on itty-durable: its members are what is persisted, its two methods are what may be called. It has no
 * alarm and no onLoad, persists by itself never and on every change once, and tells nobody why it failed.
 */
import itty from 'itty-durable';
import * as z from 'zod';
import { decodedNote } from './note.ts';
import { OPEN, SwitchesSchema } from './switch-state.ts';

const { ingest, delivery } = SwitchesSchema.shape;

/** The one argument of `change`. */
const ChangeSchema = z.strictObject({
  ingest: ingest.optional(),
  delivery: delivery.optional(),
  encodedNote: z.string().optional(),
});

export type EncodedChange = z.infer<typeof ChangeSchema>;

// Without this an answer would carry the message of the error.
function onError(error: unknown): Response {
  console.error('switchboard failed', { error: String(error) });
  return Response.json({ error: 'failed' }, { status: 500 });
}

export class SwitchCore extends itty.createDurable({ autoPersist: false, autoReturn: false, onError }) {
  ingest = OPEN.ingest;
  delivery = OPEN.delivery;
  note = OPEN.note;
  updatedAtMs = OPEN.updatedAtMs;

  /** Not given the environment: itty would copy every binding and secret of it onto the state. */
  constructor(storage: DurableObjectStorage) {
    super({ storage }, {});
  }

  read(): unknown {
    return this.toJSON();
  }

  /** Answered once it is written. A failed write leaves memory ahead of storage: see Switchboard. */
  async change(argument: unknown): Promise<unknown> {
    const { encodedNote, ...change } = ChangeSchema.parse(argument);
    if (encodedNote !== undefined) this.note = decodedNote(encodedNote);
    Object.assign(this, change, { updatedAtMs: Date.now() });
    await this.persist();
    return this.toJSON();
  }
}
