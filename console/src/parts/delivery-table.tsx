/** Deliveries as a list: of one hook, or of all. */
import type { Listed } from '../relay/use-list.ts';
import type { DeliveryRow } from '../relay/answers.ts';
import { attemptWords, reasonWords } from '../words/reason.ts';
import { Badge } from './badge.tsx';
import { List } from './list.tsx';
import { Said } from './said.tsx';
import { When } from './when.tsx';

interface DeliveryTableProps {
  readonly list: Listed<DeliveryRow>;
  readonly caption: string;
  /** Of all of them; without it each says whose it is. */
  readonly hookId?: number | undefined;
}

export function DeliveryTable({ list, caption, hookId }: DeliveryTableProps) {
  const hookOf = (row: DeliveryRow) => row.hookId ?? hookId ?? 0;
  return (
    <List
      list={list}
      caption={caption}
      isPlain
      keyOf={(row) => `${hookOf(row)}:${row.eventId}`}
      none="There is no such delivery."
      columns={[
        {
          head: 'Event',
          cell: (row) => (
            <>
              <a href={`/console/deliveries/${hookOf(row)}/${row.eventId}`}>
                <Said text={row.type} most={80} />
              </a>
              {row.subject !== null && (
                <div class="faint">
                  <Said text={row.subject} most={80} />
                </div>
              )}
            </>
          ),
        },
        ...(hookId === undefined
          ? [
              {
                head: 'Hook',
                isWide: true,
                cell: (row: DeliveryRow) => (
                  <a href={`/console/hooks/${hookOf(row)}`}>
                    <Said
                      text={
                        row.hookName === undefined || row.hookName === ''
                          ? `Hook ${hookOf(row)}`
                          : row.hookName
                      }
                      most={40}
                    />
                  </a>
                ),
              },
            ]
          : []),
        {
          head: 'Status',
          cell: (row) => (
            <>
              <Badge state={row.status} />
              <div class="faint">{cause(row)}</div>
            </>
          ),
        },
        { head: 'Attempts', isNumber: true, isWide: true, cell: (row) => row.attempts.toLocaleString('en') },
        { head: 'Next', isWide: true, cell: (row) => <When at={row.nextAttemptAt} none="–" /> },
        { head: 'Created', cell: (row) => <When at={row.createdAt} /> },
      ]}
    />
  );
}

function cause({ status, reason, lastStatusCode, lastError }: DeliveryRow): string {
  if (status === 'delivered') return '';
  // What the receiver did says more than that the schedule came to its end.
  if (typeof lastStatusCode === 'number' || typeof lastError === 'string')
    return attemptWords(lastStatusCode ?? null, lastError ?? null);
  return reason === null ? '' : reasonWords(reason);
}
