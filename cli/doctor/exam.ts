/**
 * The exam of a receiver: request after request, from whether it is there at all to what it makes of strange ones. Where
 * a good request is refused, it looks for the reason and asks nothing more: nothing else would tell.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { keyOf } from '../../src/core/signature.ts';
import { envelope, requestOf, signedBy, utf8, type Tester, type Variation } from './case.ts';
import { exchange, type Answered, type Failed } from './exchange.ts';
import type { FaultId, Finding } from './faults.ts';

const MAX_ANSWER_BYTES = 64 * 1024;
const OLD_SECONDS = 600;
const HOLD_MS = 300;
const MAX_CLOCK_ERROR_MS = 60_000;

export interface ExamOptions extends Tester {
  readonly url: URL;
  /** An address that was retired. */
  readonly goneUrl?: URL | undefined;
  readonly slowAfterMs: number;
  readonly timeoutMs: number;
  readonly largeBytes: number;
  /** Told of each case before it is sent. */
  readonly onCase?: (name: string) => void;
}

export async function examine(options: ExamOptions): Promise<Finding[]> {
  return new Exam(options).run();
}

type Result = Answered | Failed;

class Exam {
  readonly #options: ExamOptions;
  readonly #findings: Finding[] = [];

  constructor(options: ExamOptions) {
    this.#options = options;
  }

  async run(): Promise<Finding[]> {
    const good = await this.#send('a good request');
    if (good.kind === 'failed') {
      this.#find(connectionFault(good.code), good.message);
    } else {
      this.#judgeClock(good);
      if (isTaken(good)) await this.#rest();
      else await this.#whyRefused(good);
    }
    await this.#gone();
    return this.#findings;
  }

  /** Of a receiver that takes what is good. */
  async #rest(): Promise<void> {
    await this.#signatures();
    await this.#times();
    await this.#bodies();
    await this.#habits();
  }

  async #signatures(): Promise<void> {
    const wrong = await this.#send('signed with another secret', { signature: signedBy(randomBytes(32)) });
    const unsigned = await this.#send('not signed', { signature: null });
    if (isTaken(wrong) && isTaken(unsigned)) {
      this.#find('no-signature-check', `${saw(wrong)} to a request that was signed with another secret`);
      return;
    }
    if (isTaken(unsigned)) this.#find('unsigned-accepted', saw(unsigned));
    if (isTaken(wrong)) this.#find('bad-signature-accepted', saw(wrong));
    if (isCrash(wrong)) this.#find('bad-signature-crashes', saw(wrong));
    const short = await this.#send('a signature that is too short', { signature: () => 'v1,c2hvcnQ=' });
    if (isCrash(short) && !isCrash(wrong))
      this.#find('bad-signature-crashes', `${saw(short)} to a short signature`);
    if (!isTaken(wrong)) await this.#signedBody();
    await this.#severalSignatures();
  }

  async #signedBody(): Promise<void> {
    const { newId, type } = this.#options;
    const sentBody = utf8(JSON.stringify(envelope(this.#options, newId(), type, { changed: 'on the way' })));
    const changed = await this.#send('a body that was changed', { sentBody });
    if (isTaken(changed)) this.#find('bad-signature-accepted', `${saw(changed)} to a body that was changed`);
    const broken = utf8('{"this is": not JSON');
    const unparsed = await this.#send('no JSON, signed with another secret', {
      body: broken,
      signature: signedBy(randomBytes(32)),
    });
    const wrong = await this.#send('JSON, signed with another secret', {
      signature: signedBy(randomBytes(32)),
    });
    if (statusOf(unparsed) !== statusOf(wrong)) {
      this.#find('parses-before-check', `${saw(unparsed)} to a body that is not JSON, else ${saw(wrong)}`);
    }
  }

  async #severalSignatures(): Promise<void> {
    const right = signedBy(keyOf(this.#options.secret));
    const other = signedBy(randomBytes(32));
    const several = await this.#send('two signatures, the second of which fits', {
      signature: (id, seconds, body) => `${other(id, seconds, body)} ${right(id, seconds, body)}`,
    });
    if (!isTaken(several)) this.#find('first-signature-only', saw(several));
  }

  async #times(): Promise<void> {
    const old = await this.#send('signed ten minutes ago', { offsetSeconds: -OLD_SECONDS });
    if (isTaken(old)) this.#find('no-time-check', saw(old));
    const future = await this.#send('signed for in ten minutes', { offsetSeconds: OLD_SECONDS });
    // Who checks no time at all has been told so.
    if (isTaken(future) && !isTaken(old)) this.#find('future-accepted', saw(future));
  }

  async #bodies(): Promise<void> {
    const { newId, type, largeBytes } = this.#options;
    const body = (raw: unknown) => envelope(this.#options, newId(), type, raw);
    const spaced = JSON.stringify(body({ amount: 1 }), null, 3).replace(
      '"amount": 1',
      '"amount":\t100.0, "a\\u002fb": 1e2',
    );
    const respaced = await this.#send('JSON in an unusual spelling', { body: utf8(spaced) });
    if (!isTaken(respaced)) this.#find('body-rewritten', saw(respaced));
    const letters = await this.#send('letters of many scripts', {
      body: utf8(JSON.stringify(body({ name: 'Ærø – Zürich – 東京 – 🐎 – e\u0301' }))),
    });
    if (!isTaken(letters) && isTaken(respaced)) this.#find('text-damaged', saw(letters));
    const large = await this.#send(
      'a large body',
      { body: utf8(JSON.stringify(body({ text: 'x'.repeat(largeBytes) }))) },
      HOLD_MS,
    );
    if (large.kind === 'answer' && large.cameEarly && isTaken(large)) {
      this.#find('answers-before-reading', `${saw(large)} while the body was still on its way`);
    } else if (!isTaken(large)) {
      this.#find('large-refused', `${saw(large)} to ${largeBytes} bytes`);
    }
  }

  async #habits(): Promise<void> {
    const id = this.#options.newId();
    await this.#send('an event', { id });
    const repeated = await this.#send('the same event again', { id });
    if (!isTaken(repeated)) this.#find('repeat-refused', saw(repeated));
    const unknown = await this.#send('a type that nobody knows', { type: 'posthorn.doctor.unheard.of' });
    if (!isTaken(unknown)) this.#find('unknown-type-fails', saw(unknown));
  }

  async #whyRefused(good: Answered): Promise<void> {
    const { status } = good;
    if (status >= 300 && status < 400) {
      this.#find('redirects', `${saw(good)}, to ${String(good.headers['location'] ?? 'nowhere')}`);
      return;
    }
    if (status === 404 || status === 405) {
      this.#find('path-unknown', saw(good));
      return;
    }
    const plain = await this.#send('as application/json', { contentType: 'application/json' });
    if (isTaken(plain)) {
      this.#find('content-type-refused', `${saw(good)}, and ${saw(plain)} as application/json`);
      return;
    }
    const fault = await this.#othersReading();
    if (fault !== null) this.#find(fault, `${saw(good)} to the right signature, but not to that one`);
    else if (!this.#findings.some((found) => found.fault === 'clock-off'))
      this.#find('good-refused', saw(good));
  }

  /** Which mistake would make the receiver take the request. */
  async #othersReading(): Promise<FaultId | null> {
    const { secret } = this.#options;
    for (const text of [secret, secret.replace(/^whsec_/, '')]) {
      if (
        isTaken(await this.#send('signed with the text of the secret', { signature: signedBy(utf8(text)) }))
      ) {
        return 'secret-as-text';
      }
    }
    const bodyAlone = (_id: string, _seconds: number, body: Uint8Array) =>
      `v1,${createHmac('sha256', keyOf(secret)).update(body).digest('base64')}`;
    if (isTaken(await this.#send('signed over the body alone', { signature: bodyAlone })))
      return 'signs-body-alone';
    for (const offsetSeconds of CLOCK_OFFSETS) {
      if (isTaken(await this.#send(`signed at another time (${offsetSeconds} s)`, { offsetSeconds }))) {
        return 'clock-off';
      }
    }
    return null;
  }

  async #gone(): Promise<void> {
    const { goneUrl } = this.#options;
    if (goneUrl === undefined) return;
    const answer = await this.#send('to the retired address', {}, 0, goneUrl);
    if (statusOf(answer) !== 410) this.#find('no-gone', saw(answer));
  }

  /** By the time that the receiver itself states. */
  #judgeClock({ headers }: Answered): void {
    const atMs = Date.parse(String(headers['date'] ?? ''));
    const errorMs = atMs - this.#options.nowMs();
    if (Math.abs(errorMs) > MAX_CLOCK_ERROR_MS) {
      this.#find('clock-off', `its Date is ${Math.round(errorMs / 1000)} s from the time here`);
    }
  }

  async #send(name: string, variation: Variation = {}, holdMs = 0, url = this.#options.url): Promise<Result> {
    const { onCase, slowAfterMs, timeoutMs } = this.#options;
    onCase?.(name);
    const result = await exchange(url, requestOf(this.#options, variation), timeoutMs, holdMs);
    if (result.kind === 'failed') return result;
    if (result.durationMs > slowAfterMs) this.#find('slow', `${result.durationMs} ms to ${name}`);
    if (result.bodyBytes > MAX_ANSWER_BYTES)
      this.#find('huge-answer', `at least ${result.bodyBytes} bytes to ${name}`);
    return result;
  }

  /** Each once: the first time tells as much as the tenth. */
  #find(fault: FaultId, evidence: string): void {
    if (!this.#findings.some((found) => found.fault === fault)) this.#findings.push({ fault, evidence });
  }
}

/** Clocks and units that go wrong: minutes, and hours of time zones. */
const CLOCK_OFFSETS = [-900, 900, -3600, 3600, -7200, 7200];

function isTaken(result: Result): boolean {
  const status = statusOf(result);
  return status !== null && status >= 200 && status < 300;
}

function isCrash(result: Result): boolean {
  const status = statusOf(result);
  return status === null || status >= 500;
}

function statusOf(result: Result): number | null {
  return result.kind === 'answer' ? result.status : null;
}

function saw(result: Result): string {
  return result.kind === 'answer' ? `answered ${result.status}` : `no answer (${result.message})`;
}

/** What kept the first request from being answered. */
export function connectionFault(code: string): FaultId {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_FAIL') return 'name-unknown';
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'ETIMEDOUT') {
    return 'connection-refused';
  }
  return /CERT|SSL|TLS|SELF_SIGNED|VERIFY/.test(code) ? 'certificate-invalid' : 'no-answer';
}
