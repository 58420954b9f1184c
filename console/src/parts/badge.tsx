const TONES: Readonly<Record<string, string>> = {
  active: 'good',
  delivered: 'good',
  taken: 'good',
  open: 'good',
  done: 'good',
  pending: 'busy',
  running: 'busy',
  held: 'still',
  paused: 'still',
  skipped: 'still',
  cancelled: 'still',
  failed: 'bad',
  dead: 'bad',
  disabled: 'bad',
  gone: 'bad',
  'gave-up': 'bad',
  failing: 'bad',
  refusing: 'bad',
  accepting: 'good',
};

/** A state in a word; the colour only repeats it. */
export function Badge({ state }: { readonly state: string }) {
  return <span class={`badge ${TONES[state] ?? 'still'}`}>{state}</span>;
}
