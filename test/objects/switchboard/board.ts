/** The switchboard as tests here drive it: through its calls, and from inside. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import type { Env } from '../../../src/env.ts';
import { changeSwitches, readSwitches, type SwitchesAnswer } from '../../../src/switchboard/calls.ts';
import type { SwitchChange, Switches } from '../../../src/switchboard/switch-state.ts';
import type { Switchboard } from '../../../src/switchboard/switchboard.ts';

export class BoardUnderTest {
  readonly stub: DurableObjectStub<Switchboard>;

  constructor(name: string = crypto.randomUUID()) {
    this.stub = (env as unknown as Env).SWITCHBOARD.getByName(name);
  }

  read(): Promise<SwitchesAnswer> {
    return readSwitches(this.stub);
  }

  change(change: SwitchChange): Promise<SwitchesAnswer> {
    return changeSwitches(this.stub, change);
  }

  async switches(): Promise<Switches> {
    const answer = await this.read();
    if (!answer.ok) throw new Error(answer.reason);
    return answer.switches;
  }

  /** In memory only; storage stays. */
  async evict(): Promise<void> {
    await this.inside(() => undefined);
    await evictDurableObject(this.stub);
  }

  inside<R>(work: (object: Switchboard, state: DurableObjectState) => R | Promise<R>): Promise<R> {
    return runInDurableObject(this.stub, work);
  }
}

/** Each test that concerns state runs in both. */
export const LIVES = [
  { life: 'awake throughout', halfway: async (_board: BoardUnderTest) => {} },
  { life: 'evicted half-way', halfway: (board: BoardUnderTest) => board.evict() },
] as const;
