/** The hooks of the tenant, and what each of them is doing. */
import { Badge } from '../parts/badge.tsx';
import { ChoiceField, TextField } from '../parts/field.tsx';
import { FilterForm } from '../parts/filter-form.tsx';
import { List } from '../parts/list.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { When } from '../parts/when.tsx';
import type { HookRow } from '../relay/answers.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { useFilters } from '../relay/use-filters.ts';
import { useList } from '../relay/use-list.ts';
import { hookTitle } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { errorWords, waitingWords } from '../words/reason.ts';

export function Hooks() {
  const { me } = useSignedIn();
  const { chosen, field, apply } = useFilters('/console/hooks', ['state', 'failing', 'name', 'url', 'uid']);
  const list = useList<HookRow>('/v1/hooks', chosen);

  return (
    <PageFrame
      title="Hooks"
      lead="A hook is where events go: a URL, which events it gets, and how they are delivered."
      actions={
        may(me.role, 'changeHooks') && (
          <a class="button primary" href="/console/hooks/new">
            New hook
          </a>
        )
      }
    >
      <FilterForm label="Hooks" onSearch={apply}>
        <ChoiceField
          label="State"
          value={chosen.failing === 'true' ? 'failing' : (chosen.state ?? '')}
          onText={(state) =>
            apply(state === 'failing' ? { state: '', failing: 'true' } : { state, failing: '' })
          }
          options={[
            ['', 'Any'],
            ['active', 'Active'],
            ['failing', 'Failing'],
            ['paused', 'Paused'],
            ['disabled', 'Disabled'],
          ]}
        />
        <TextField label="URL contains" type="search" {...field('url')} />
        <TextField label="Name, exactly" type="search" {...field('name')} />
        <TextField label="Your own id" type="search" {...field('uid')} />
      </FilterForm>
      <List
        list={list}
        caption="Hooks"
        isPlain
        keyOf={({ id }) => id}
        none={Object.keys(chosen).length === 0 ? 'No hooks yet.' : 'No hook matches.'}
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
          { head: 'State', cell: (hook) => <State hook={hook} /> },
          { head: 'Events', isWide: true, cell: (hook) => <Said text={hook.events.join(', ')} most={60} /> },
          { head: 'Pending', isNumber: true, cell: ({ pending }) => pending.toLocaleString('en') },
          { head: 'Oldest', isWide: true, cell: (hook) => <When at={hook.oldestPendingAt} none="–" /> },
          { head: 'Dead', isNumber: true, isWide: true, cell: ({ dead }) => dead.toLocaleString('en') },
          { head: 'Last success', isWide: true, cell: ({ stats }) => <When at={stats.lastSuccessAt} /> },
        ]}
      />
    </PageFrame>
  );
}

/** With what explains it, if it is not simply active. */
function State({ hook: { state, failing, waiting, lastError } }: { readonly hook: HookRow }) {
  const reason = waiting?.reason ?? null;
  const isSaid = state === 'active' && reason !== null && reason !== 'failing';
  return (
    <>
      <Badge state={failing ? 'failing' : state} />
      {failing && lastError !== null && <div class="faint">{errorWords(lastError)}</div>}
      {isSaid && !failing && <div class="faint">{waitingWords(reason)}</div>}
    </>
  );
}
