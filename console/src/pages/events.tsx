/** The tenant's log: what arrived. With `?hook=` each event leads to what became of it for that hook. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { TextField } from '../parts/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { When } from '../parts/when.tsx';
import { queryText } from '../relay/relay.ts';
import type { Envelope } from '../relay/answers.ts';
import { useFilters } from '../relay/use-filters.ts';
import { useList } from '../relay/use-list.ts';

const FIELDS = ['type', 'subject', 'contains', 'from', 'to', 'sourceId'] as const;

export function Events() {
  const { query, route } = useLocation();
  const { hook } = query;
  const { chosen, field, apply } = useFilters('/console/events', [...FIELDS, 'hook']);
  const [id, setId] = useState('');
  const { hook: _hook, ...filters } = chosen;
  const list = useList<Envelope>('/v1/events', {
    ...filters,
    from: instant(chosen.from),
    to: instant(chosen.to),
  });
  const search = () => {
    if (id.trim() === '') apply();
    else route(`/console/events/${encodeURIComponent(id.trim())}${queryText({ hook })}`);
  };

  return (
    <PageFrame
      title="Events"
      lead={
        hook === undefined
          ? 'Everything that was accepted, newest first.'
          : `Open the event that hook ${hook} should have got. Its page says why it did, or did not.`
      }
    >
      <FilterForm label="Events" onSearch={search}>
        <TextField label="Type" type="search" placeholder="superoffice.contact.*" {...field('type')} />
        <TextField label="Subject" type="search" placeholder="contact/994863" {...field('subject')} />
        <TextField label="Body contains" type="search" {...field('contains')} />
        <TextField label="From" type="datetime-local" {...field('from')} />
        <TextField label="To" type="datetime-local" {...field('to')} />
        <TextField label="Event id" type="search" placeholder="evt_…" value={id} onText={setId} />
      </FilterForm>
      <List
        list={list}
        caption="Events"
        isPlain
        keyOf={({ posthornid }) => posthornid}
        none={Object.keys(filters).length === 0 ? 'No events yet.' : 'No event matches.'}
        columns={[
          {
            head: 'Type',
            cell: (event) => (
              <a href={`/console/events/${event.posthornid}${queryText({ hook })}`}>
                <Said text={event.type} most={100} />
              </a>
            ),
          },
          {
            head: 'Subject',
            cell: (event) =>
              event.subject === undefined || event.subject === null ? (
                '–'
              ) : (
                <Said text={event.subject} most={60} />
              ),
          },
          { head: 'Source', isWide: true, cell: (event) => <Said text={event.source} most={60} /> },
          { head: 'Received', cell: (event) => <When at={event.recordedtime} /> },
        ]}
      />
    </PageFrame>
  );
}

/** What a field of date and time holds is of this browser's time zone. */
function instant(local: string | undefined): string | undefined {
  if (local === undefined || local === '') return undefined;
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}
