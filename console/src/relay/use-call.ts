/** A call that a page shows: its answer, what went wrong, and how to ask again. */
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { createContext } from 'preact';
import type { Relay } from './relay.ts';
import { failureIn, type Failure } from './failure.ts';
import type { Me } from './answers.ts';

/** Who is signed in, and to what. */
export interface SignedIn {
  readonly relay: Relay;
  readonly me: Me;
}

export const SignedInContext = createContext<SignedIn | null>(null);

export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (signedIn === null) throw new Error('this page needs a key');
  return signedIn;
}

export interface Loaded<T> {
  /** The newest answer, also while the next one is waited for or has failed. */
  readonly data: T | undefined;
  readonly failure: Failure | null;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

/**
 * Calls when the page is shown and whenever `key` changes; then what it showed before is no answer any more.
 * @param everyMs asks again by itself, while the tab is looked at
 */
export function useCall<T>(
  key: string,
  load: (relay: Relay, signal: AbortSignal) => Promise<T>,
  everyMs?: number,
): Loaded<T> {
  const { relay } = useSignedIn();
  const [state, setState] = useState<{ key: string; data?: T; failure: Failure | null; isLoading: boolean }>({
    key,
    failure: null,
    isLoading: true,
  });
  const [asked, setAsked] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const leaving = new AbortController();
    setState((before) =>
      before.key === key ? { ...before, isLoading: true } : { key, failure: null, isLoading: true },
    );
    latest
      .current(relay, leaving.signal)
      .then((data) => {
        if (!leaving.signal.aborted) setState({ key, data, failure: null, isLoading: false });
      })
      .catch((error: unknown) => {
        if (leaving.signal.aborted) return;
        const failure = failureIn(error);
        setState((before) => ({ ...before, failure, isLoading: false }));
      });
    return () => leaving.abort();
  }, [relay, key, asked]);

  const reload = useCallback(() => setAsked((count) => count + 1), []);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : undefined,
    failure: isCurrent ? state.failure : null,
    isLoading: isCurrent ? state.isLoading : true,
    reload,
  };
}

export interface Action<A extends unknown[]> {
  readonly run: (...args: A) => Promise<boolean>;
  readonly isRunning: boolean;
  readonly failure: Failure | null;
  readonly clear: () => void;
}

/** A call that somebody asks for; one at a time. `run` resolves with whether it went well. */
export function useAction<A extends unknown[]>(
  act: (relay: Relay, ...args: A) => Promise<unknown>,
): Action<A> {
  const { relay } = useSignedIn();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const running = useRef(false);

  const run = async (...args: A): Promise<boolean> => {
    if (running.current) return false;
    running.current = true;
    setRunning(true);
    setFailure(null);
    try {
      await act(relay, ...args);
      return true;
    } catch (error) {
      setFailure(failureIn(error));
      return false;
    } finally {
      running.current = false;
      setRunning(false);
    }
  };
  return { run, isRunning, failure, clear: () => setFailure(null) };
}
