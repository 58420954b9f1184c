/** Which hook: of a few, a choice; of many, its number, with names to choose from while it is typed. */
import { useState } from 'preact/hooks';
import type { HookRow, Page } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { hookTitle } from '../words/attention.ts';
import { cut, visible } from '../words/text.ts';
import { ChoiceField, TextField } from './field.tsx';

/** Beyond them its list would be slower than the one that it filters. */
const MOST = 50;

interface HookFieldProps {
  /** Its number; empty: none. */
  readonly value: string;
  readonly onText: (hook: string) => void;
  /** What stands there when none is chosen. */
  readonly none: string;
}

export function HookField({ value, onText, none }: HookFieldProps) {
  const { data } = useCall('hooks', (relay, signal) =>
    relay.read<Page<HookRow>>('/v1/hooks', { limit: MOST }, signal),
  );
  const hooks = data?.data ?? [];
  if (typeof data?.nextCursor === 'string') return <NumberField {...{ value, onText, none, hooks }} />;
  const isListed = value === '' || hooks.some(({ id }) => String(id) === value);
  return (
    <ChoiceField
      label="Hook"
      value={value}
      onText={onText}
      options={[
        ['', none],
        ...(isListed ? [] : [[value, `Hook ${value}`] as const]),
        ...hooks.map((hook) => [String(hook.id), labelOf(hook)] as const),
      ]}
    />
  );
}

function NumberField({
  value,
  onText,
  none,
  hooks,
}: HookFieldProps & { readonly hooks: readonly HookRow[] }) {
  const [typed, setTyped] = useState(value);
  return (
    <TextField
      label="Hook"
      type="search"
      value={typed}
      placeholder={`${none}; or its number`}
      list={hooks.map(labelOf)}
      onText={(text) => {
        setTyped(text);
        const [number = ''] = /^\d*/.exec(text.trim()) ?? [];
        if (text.trim() === '' || number !== '') onText(number);
      }}
    />
  );
}

function labelOf(hook: HookRow): string {
  return `${hook.id} · ${visible(cut(hookTitle(hook), 40).shown)}`;
}
