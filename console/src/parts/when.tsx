import { relative } from '../words/time.ts';

/** A time as it is far from now; the exact one on hover and for machines. */
export function When({
  at,
  none = 'never',
}: {
  readonly at: string | null | undefined;
  readonly none?: string;
}) {
  if (at === null || at === undefined) return <span class="faint">{none}</span>;
  return (
    <time dateTime={at} title={at}>
      {relative(at, Date.now())}
    </time>
  );
}
