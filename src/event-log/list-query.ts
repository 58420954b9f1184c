/** A part of a list, as it is asked for. */
export interface ListQuery {
  readonly order: 'asc' | 'desc';
  /** Place in the list after which it begins; null: from its beginning. */
  readonly after: number | null;
  readonly limit: number;
}
