/** Which deliveries of a hook a call over many of them is about. */
import { matches, type Pattern } from '../core/pattern.ts';

export interface Selection {
  /** null: every type. */
  readonly types: readonly Pattern[] | null;
  /** null: whatever it is about. */
  readonly subject: string | null;
  /** Created before this; null: whenever. */
  readonly beforeMs: number | null;
}

export function isSelected(
  { types, subject, beforeMs }: Selection,
  delivery: { readonly type: string; readonly subject: string | null; readonly createdAtMs: number },
): boolean {
  return (
    (subject === null || subject === delivery.subject) &&
    (beforeMs === null || delivery.createdAtMs < beforeMs) &&
    (types === null || types.some((pattern) => matches(pattern, delivery.type)))
  );
}
