/**
 * A SuperOffice that runs CrmScripts: a receiver that takes the calls of the vendor's own `CRMScriptAgent` and no others,
 * and keeps what each script was run with. Knows nothing of Posthorn.
 */
import { type Answer, type Arrival, type Receiver, startReceiver } from './receiver.ts';

/** One run of a script. */
export interface ScriptRun {
  readonly script: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly arrival: Arrival;
}

export interface SuperofficeSite extends AsyncDisposable {
  /** Of the tenant, without `/api`. */
  readonly url: string;
  readonly receiver: Receiver;
  /** What it takes; any other is answered 401. */
  authorization: string;
  /** Instead of running scripts; null: it runs them. */
  failure: Answer | null;
  readonly runs: readonly ScriptRun[];
  /** All runs, once there are that many. */
  ran(count: number): Promise<readonly ScriptRun[]>;
  /** All requests, run or refused, once there are that many. */
  called(count: number): Promise<readonly Arrival[]>;
}

const TENANT = '/Cust1234';
const CALL = `${TENANT}/api/v1/Agents/CRMScript/ExecuteScriptByIncludeId`;

export async function startSuperofficeSite(authorization: string): Promise<SuperofficeSite> {
  const runs: ScriptRun[] = [];
  const waiters = new Set<() => void>();
  const receiver = await startReceiver({ answer: (arrival) => answered(arrival) });
  const site: SuperofficeSite = {
    url: `${receiver.url.slice(0, -1)}${TENANT}`,
    receiver,
    authorization,
    failure: null,
    runs,
    async ran(count) {
      while (runs.length < count) {
        const { promise, resolve, reject } = Promise.withResolvers<undefined>();
        const timer = setTimeout(() => {
          reject(new Error(`not ${count} runs within 10 s; ran ${runs.length}`));
        }, 10_000);
        waiters.add(() => {
          resolve(undefined);
        });
        await promise.finally(() => {
          clearTimeout(timer);
        });
      }
      return runs;
    },
    called: (count) => receiver.waitFor(count),
    [Symbol.asyncDispose]: () => receiver.close(),
  };

  function answered(arrival: Arrival): Answer {
    const problem = problemOf(arrival);
    if (problem !== null) return { status: 400, body: JSON.stringify({ Message: problem }) };
    if (arrival.headers.authorization !== site.authorization) return { status: 401 };
    if (site.failure !== null) return site.failure;
    const { crmScriptIncludeId: script, parameters } = JSON.parse(arrival.body.toString()) as Call;
    runs.push({ script, parameters, arrival });
    for (const wake of waiters) wake();
    waiters.clear();
    // What the script prints.
    return {
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(`ran ${script} for ${parameters['Event'] ?? 'nothing'}`),
    };
  }
  return site;
}

interface Call {
  readonly crmScriptIncludeId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What of a request is not as the vendor's client sends it; null: nothing. */
function problemOf({ method, path, headers, body }: Arrival): string | null {
  if (method !== 'POST' || path !== CALL) return `no such call: ${method} ${path}`;
  if (headers['content-type'] !== 'application/json') return `content-type ${headers['content-type'] ?? ''}`;
  if (headers.accept !== 'application/json') return `accept ${headers.accept ?? ''}`;
  const call = JSON.parse(body.toString()) as Partial<Call>;
  const names = Object.keys(call).join();
  if (names !== 'crmScriptIncludeId,parameters') return `members ${names}`;
  if (typeof call.crmScriptIncludeId !== 'string') return 'crmScriptIncludeId is no text';
  const wrong = Object.entries(call.parameters ?? {}).find(([, value]) => typeof value !== 'string');
  return wrong === undefined ? null : `parameter ${wrong[0]} is no text`;
}
