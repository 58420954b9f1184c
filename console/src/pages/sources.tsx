/** Where events come from. */
import { Badge } from '../parts/badge.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { When } from '../parts/when.tsx';
import type { Source } from '../relay/answers.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { may } from '../words/permission.ts';

export function Sources() {
  const { me } = useSignedIn();
  const list = useList<Source>('/v1/sources');
  return (
    <PageFrame
      title="Sources"
      lead="A source is a provider that posts here: an inbound URL and how its requests are verified."
      actions={
        may(me.role, 'changeTenant') && (
          <a class="button primary" href="/console/sources/new">
            New source
          </a>
        )
      }
    >
      <List
        list={list}
        caption="Sources"
        isPlain
        keyOf={({ id }) => id}
        none="There is no source yet. Connect a provider, and its events arrive here."
        columns={[
          {
            head: 'Source',
            cell: (source) => (
              <>
                <a href={`/console/sources/${source.id}`}>
                  <Said text={source.name === '' ? source.id : source.name} most={60} />
                </a>
                <div class="faint">{source.provider}</div>
              </>
            ),
          },
          {
            head: 'Accepted',
            isNumber: true,
            cell: ({ stats }) => stats.accepted.toLocaleString('en'),
          },
          {
            head: 'Refused',
            isNumber: true,
            cell: ({ stats: { rejected } }) =>
              (rejected.signature + rejected.malformed + rejected.tooLarge).toLocaleString('en'),
          },
          {
            head: 'State',
            isWide: true,
            cell: ({ stats }) => <Badge state={stateOf(stats)} />,
          },
          { head: 'Last event', cell: ({ stats }) => <When at={stats.lastAcceptedAt} /> },
        ]}
      />
    </PageFrame>
  );
}

function stateOf({ lastAcceptedAt, lastRejectedAt }: Source['stats']): string {
  if (lastRejectedAt !== null && (lastAcceptedAt === null || lastAcceptedAt < lastRejectedAt))
    return 'refusing';
  return lastAcceptedAt === null ? 'waiting' : 'accepting';
}
