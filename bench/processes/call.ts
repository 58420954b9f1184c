/**
 * Processes of the bench and the calls they take over Node's IPC: load and receiver must not share a thread with each
 * other or with whoever measures. A process ends with the one that started it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a process can be asked for; arguments and answers are plain data. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments of a call are whatever its method takes
type Methods = Record<string, (...args: any[]) => unknown>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Milliseconds of a clock that all processes of a machine share. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** To be called once by a process: answers the calls of its parent until that is gone. */
export function serve(methods: Methods): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => {
    const { id, name, args } = message as Call;
    void answerOf(methods, name, args).then((answer) => process.send?.({ id, ...answer }));
  });
}

async function answerOf(methods: Methods, name: string, args: readonly unknown[]): Promise<object> {
  try {
    return { value: await methods[name]?.(...args) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** A process that serves `T`, as its parent sees it. */
export class Process<T extends Methods> implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  /** `name` of a program in this folder. */
  constructor(name: string, args: readonly string[] = []) {
    this.#name = name;
    this.#child = fork(join(import.meta.dirname, `${name}.ts`), args, { serialization: 'advanced' });
    this.#child.on('message', (message) => {
      const answer = message as Answer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', (code, signal) => {
      for (const [id, settle] of this.#waiting)
        settle({ id, error: `${name} ended with ${code ?? signal ?? 'nothing'}` });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws what the process threw, or when there is no answer in time. */
  async ask<Name extends keyof T & string>(
    name: Name,
    ...args: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    return this.askWithin(60_000, name, ...args);
  }

  async askWithin<Name extends keyof T & string>(
    timeoutMs: number,
    name: Name,
    ...args: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    this.#calls += 1;
    const id = this.#calls;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(() => {
      resolve({ id, error: `no answer within ${timeoutMs} ms` });
    }, timeoutMs);
    this.#child.send({ id, name, args } satisfies Call);
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (answer.error !== undefined) throw new Error(`${this.#name}.${name}: ${answer.error}`);
    return answer.value as Awaited<ReturnType<T[Name]>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
