/** A call to a provider's own host, which its description names: by the rules of all targets, briefly, and with a bounded answer. */
import { answerText } from '../answer-text.ts';
import { checkTarget } from '../core/target.ts';
import type { Settings } from '../settings.ts';

const DEADLINE_MS = 5_000;
const MAX_ANSWER_BYTES = 65_536;

export interface ProviderAnswer {
  readonly status: number;
  /** Null: it is larger than 64 KiB. */
  readonly body: string | null;
}

/** By GET; redirects are not followed. Null: it may not be called, or gave no answer in time. */
export async function callProvider(
  text: string,
  { targetPolicy, ownHosts }: Pick<Settings, 'targetPolicy' | 'ownHosts'>,
  relayHost: string,
): Promise<ProviderAnswer | null> {
  const target = checkTarget(text, targetPolicy, [...ownHosts, relayHost]);
  if (!target.ok) return null;
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, DEADLINE_MS);
  try {
    const response = await fetch(target.url, { redirect: 'manual', signal: abort.signal });
    return { status: response.status, body: await answerText(response, MAX_ANSWER_BYTES) };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
