/** A list of the relay, read page by page as somebody asks for more. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { failureIn, type Failure } from './failure.ts';
import type { Query } from './relay.ts';
import { queryText } from './relay.ts';
import type { Page } from './answers.ts';
import { useSignedIn } from './use-call.ts';

export interface Listed<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly failure: Failure | null;
  /** The next page, behind what is there. */
  readonly more: () => void;
  readonly reload: () => void;
}

interface State<T> {
  readonly key: string;
  readonly items: readonly T[];
  readonly cursor: string | null;
  readonly isLoading: boolean;
  readonly failure: Failure | null;
}

/** @param everyMs asks again by itself, while the tab is looked at and no more than the first page is shown */
export function useList<T>(path: string, query: Query = {}, everyMs?: number): Listed<T> {
  const { relay } = useSignedIn();
  const key = path + queryText(query);
  const empty: State<T> = { key, items: [], cursor: null, isLoading: true, failure: null };
  const [state, setState] = useState(empty);
  const [asked, setAsked] = useState(0);
  const leaving = useRef(new AbortController());

  const read = useCallback(
    async (cursor: string | null, signal: AbortSignal) => {
      try {
        const joint = key.includes('?') ? '&' : '?';
        const page = await relay.read<Page<T>>(
          cursor === null ? key : `${key}${joint}cursor=${encodeURIComponent(cursor)}`,
          {},
          signal,
        );
        if (signal.aborted) return;
        isFirstPage.current = cursor === null;
        setState((before) => ({
          key,
          items: cursor === null ? page.data : [...before.items, ...page.data],
          cursor: page.nextCursor,
          isLoading: false,
          failure: null,
        }));
      } catch (error) {
        if (signal.aborted) return;
        const failure = failureIn(error);
        setState((before) => ({ ...before, failure, isLoading: false }));
      }
    },
    [relay, key],
  );

  useEffect(() => {
    const controller = new AbortController();
    leaving.current = controller;
    setState((before) =>
      before.key === key
        ? { ...before, isLoading: true }
        : { key, items: [], cursor: null, isLoading: true, failure: null },
    );
    void read(null, controller.signal);
    return () => controller.abort();
  }, [read, key, asked]);

  const reload = useCallback(() => setAsked((count) => count + 1), []);
  const isFirstPage = useRef(true);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && isFirstPage.current) reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, reload]);

  const shown = state.key === key ? state : empty;
  return {
    items: shown.items,
    hasMore: shown.cursor !== null,
    isLoading: shown.isLoading,
    failure: shown.failure,
    more: () => {
      if (shown.isLoading || shown.cursor === null) return;
      setState((before) => ({ ...before, isLoading: true }));
      void read(shown.cursor, leaving.current.signal);
    },
    reload,
  };
}
