/** The hooks of the tenant, and what each of them is doing. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { Badge } from '../parts/badge.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { When } from '../parts/when.tsx';
import { queryText } from '../relay/relay.ts';
import type { Hook } from '../relay/shapes.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { useList } from '../relay/use-list.ts';
import { hookTitle } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { waitingWords } from '../words/reason.ts';

export function Hooks() {
  const { me } = useSignedIn();
  const { query, route } = useLocation();
  const [name, setName] = useState(query.name ?? '');
  const [url, setUrl] = useState(query.url ?? '');
  const { state = '', failing } = query;
  const list = useList<Hook>('/v1/hooks', { state, failing, name: query.name, url: query.url });
  const look = (change: Readonly<Record<string, string | undefined>>) =>
    route(`/console/hooks${queryText({ name, url, state, failing, ...change })}`, true);

  return (
    <PageFrame
      title="Hooks"
      lead="A hook is where events go: a URL, what it wants, and how it is delivered."
      actions={
        may(me.role, 'changeHooks') && (
          <a class="button primary" href="/console/hooks/new">
            New hook
          </a>
        )
      }
    >
      <form
        class="filters"
        role="search"
        aria-label="Hooks"
        onSubmit={(event) => {
          event.preventDefault();
          look({});
        }}
      >
        <ChoiceField
          label="State"
          value={failing === 'true' ? 'failing' : state}
          onText={(chosen) =>
            look(
              chosen === 'failing' ? { state: '', failing: 'true' } : { state: chosen, failing: undefined },
            )
          }
          options={[
            ['', 'Any'],
            ['active', 'Active'],
            ['failing', 'Failing'],
            ['paused', 'Paused'],
            ['disabled', 'Disabled'],
          ]}
        />
        <TextField label="Name, the whole" type="search" value={name} onText={setName} />
        <TextField label="URL contains" type="search" value={url} onText={setUrl} />
        <button type="submit">Search</button>
      </form>
      <List
        list={list}
        caption="Hooks"
        keyOf={({ id }) => id}
        none="There is no such hook."
        columns={[
          {
            head: 'Hook',
            cell: (hook) => (
              <>
                <a href={`/console/hooks/${hook.id}`}>
                  <Said text={hookTitle(hook)} most={60} />
                </a>
                <div class="faint">
                  <Said text={hook.url} most={60} />
                </div>
              </>
            ),
          },
          {
            head: 'State',
            cell: (hook) => (
              <>
                <Badge state={hook.waiting?.reason === 'failing' ? 'failing' : hook.state} />
                {hook.state === 'active' && hook.waiting !== null && hook.waiting.reason !== 'failing' && (
                  <div class="faint">{waitingWords(hook.waiting.reason)}</div>
                )}
              </>
            ),
          },
          { head: 'Wants', isWide: true, cell: (hook) => <Said text={hook.events.join(', ')} most={60} /> },
          { head: 'Pending', isNumber: true, cell: (hook) => hook.stats.pending.toLocaleString('en') },
          {
            head: 'Dead',
            isNumber: true,
            isWide: true,
            cell: (hook) => hook.stats.dead.toLocaleString('en'),
          },
          { head: 'Last success', isWide: true, cell: (hook) => <When at={hook.stats.lastSuccessAt} /> },
        ]}
      />
    </PageFrame>
  );
}
