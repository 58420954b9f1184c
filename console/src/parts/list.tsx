/** A list as a table: rows as they come, what there is to say when there are none, and the way to more. */
import { Component, type ComponentChildren } from 'preact';
import type { Listed } from '../relay/use-list.ts';
import { Trouble } from './trouble.tsx';

export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Left out where there is little room: its page has it too. */
  readonly isWide?: boolean;
  readonly isNumber?: boolean;
}

interface TableProps<T> {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string | number;
  /** Cells show their row and nothing else: a row that is the same is not drawn again when more are added. */
  readonly isPlain?: boolean;
}

/** The caption is its name, for screen readers alone: the heading above says it to everybody else. */
export function Table<T>({ caption, columns, rows, keyOf, isPlain = false }: TableProps<T>) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.head} scope="col" class={classOf(column)}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={keyOf(row)} row={row} columns={columns} isPlain={isPlain} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<T> {
  readonly row: T;
  readonly columns: readonly Column<T>[];
  readonly isPlain: boolean;
}

class Row<T> extends Component<RowProps<T>> {
  override shouldComponentUpdate(next: RowProps<T>): boolean {
    return !next.isPlain || next.row !== this.props.row;
  }

  override render({ row, columns }: RowProps<T>) {
    return (
      <tr>
        {columns.map((column) => (
          <td key={column.head} class={classOf(column)}>
            {column.cell(row)}
          </td>
        ))}
      </tr>
    );
  }
}

function classOf<T>({ isWide, isNumber }: Column<T>): string | undefined {
  return [isWide === true ? 'wide' : '', isNumber === true ? 'number' : ''].join(' ').trim() || undefined;
}

interface ListProps<T> extends Omit<TableProps<T>, 'rows'> {
  readonly list: Listed<T>;
  /** Said when there is none. */
  readonly none: ComponentChildren;
}

export function List<T>({ list, none, ...table }: ListProps<T>) {
  const { items, isLoading, failure, hasMore } = list;
  return (
    <div aria-busy={isLoading}>
      {items.length > 0 && <Table {...table} rows={items} />}
      {items.length === 0 && !isLoading && failure === null && !hasMore && <div class="none">{none}</div>}
      <Trouble failure={failure} onRetry={list.reload} />
      <p class="row under-list">
        {isLoading && <span class="faint">Loading…</span>}
        {items.length > 0 && (
          <span class="faint">
            {items.length.toLocaleString('en')} shown{hasMore ? '' : ', that is all'}
          </span>
        )}
        {hasMore && (
          <button type="button" onClick={list.more} disabled={isLoading}>
            {items.length === 0 ? 'Look further back' : 'Show more'}
          </button>
        )}
      </p>
    </div>
  );
}
