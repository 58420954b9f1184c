/** What a list is filtered by: kept in the address, so that a link, a reload and the way back show the same. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { queryText } from './relay.ts';

type Texts<Name extends string> = Partial<Readonly<Record<Name, string>>>;

export interface Filters<Name extends string> {
  /** By what it is filtered now. */
  readonly chosen: Texts<Name>;
  /** Of a field that is typed in; it counts when the form is sent. */
  readonly field: (name: Name) => { readonly value: string; readonly onText: (text: string) => void };
  /** Of a field with choices; it counts at once. */
  readonly choice: (name: Name) => { readonly value: string; readonly onText: (text: string) => void };
  /** Filters by what is typed, with `change` instead where it says otherwise. */
  readonly apply: (change?: Texts<Name>) => void;
}

/** @param path of the page; every name is a parameter of its query */
export function useFilters<const Name extends string>(path: string, names: readonly Name[]): Filters<Name> {
  const { query, route } = useLocation();
  const chosen: Texts<Name> = Object.fromEntries(
    names.flatMap((name) => {
      const value = query[name] ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  ) as Texts<Name>;
  const [typed, setTyped] = useState<Texts<Name>>(chosen);
  const apply = (change: Texts<Name> = {}) => {
    const next = { ...chosen, ...typed, ...change };
    setTyped(next);
    route(path + queryText(next), true);
  };
  return {
    chosen,
    field: (name) => ({
      value: typed[name] ?? '',
      onText: (text) => setTyped({ ...typed, [name]: text }),
    }),
    choice: (name) => ({
      value: chosen[name] ?? '',
      onText: (text) => apply({ [name]: text } as unknown as Texts<Name>),
    }),
    apply,
  };
}
