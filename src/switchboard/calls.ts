/** The calls of the switchboard as plain functions. No reply is believed before it is parsed; none of them throws. */
import itty from 'itty-durable';
import type { EncodedChange } from './core.ts';
import { encodedNote } from './note.ts';
import { SwitchesSchema, type SwitchChange, type Switches } from './switch-state.ts';

/** Where it is: its stub. */
export interface Board {
  fetch(request: Request): Promise<Response>;
}

/** What itty makes of a stub, as far as it is used: its other members are requests as well, `then` included. */
interface IttyStub {
  read(): Promise<Response>;
  change(change: EncodedChange): Promise<Response>;
}

export type SwitchesAnswer =
  | { readonly ok: true; readonly switches: Switches }
  /** Of a change it is not known then whether it was made. */
  | { readonly ok: false; readonly reason: 'unreachable' | 'malformed' };

export function readSwitches(board: Board): Promise<SwitchesAnswer> {
  return answered(() => ittyStub(board).read());
}

export function changeSwitches(board: Board, { note, ...states }: SwitchChange): Promise<SwitchesAnswer> {
  const change = note === undefined ? states : { ...states, encodedNote: encodedNote(note) };
  return answered(() => ittyStub(board).change(change));
}

async function answered(call: () => Promise<Response>): Promise<SwitchesAnswer> {
  let reply: unknown;
  try {
    reply = await (await call()).json();
  } catch (error) {
    console.error('switchboard did not answer', { error: String(error) });
    return { ok: false, reason: error instanceof SyntaxError ? 'malformed' : 'unreachable' };
  }
  const parsed = SwitchesSchema.safeParse(reply);
  if (parsed.success) return { ok: true, switches: parsed.data };
  console.error('switchboard answered something else', { issues: parsed.error.issues.length });
  return { ok: false, reason: 'malformed' };
}

/** itty is given a namespace of one, so that the real stub is made where all others are. */
function ittyStub(board: Board): IttyStub {
  const one = { idFromName: (name: string) => name, get: () => board };
  return itty.proxyDurable(one).get('switchboard') as IttyStub;
}
