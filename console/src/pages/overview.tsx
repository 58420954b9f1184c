/** What flows, what is stuck and why, and what helps. */
import { AskButton } from '../parts/ask-button.tsx';
import { Chart, type Line } from '../parts/chart.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { queryText, type Relay } from '../relay/relay.ts';
import type { DeliveryRow, HookRow, Page, Role, Series, Source, Stats, Switches } from '../relay/answers.ts';
import { useCall, useSignedIn } from '../relay/use-call.ts';
import { isFailing, needsAttention, oldestWords, type Attention, type Known } from '../words/attention.ts';
import { may } from '../words/permission.ts';
import { count } from '../words/text.ts';

const EVERY_MS = 15_000;
const DAY_MS = 86_400_000;
/** Of what needs attention, worst first. */
const MOST_SHOWN = 20;
const LINES: readonly Line[] = [
  { metric: 'accepted', label: 'Accepted', color: '--line-1' },
  { metric: 'delivered', label: 'Delivered', color: '--line-2' },
  { metric: 'failed', label: 'Failed attempts', color: '--line-3' },
];

export function Overview() {
  const { me } = useSignedIn();
  return (
    <PageFrame title="Overview">
      {may(me.role, 'readTenant') && <Numbers />}
      <NeedsAttention />
      {may(me.role, 'readTenant') && <OverTime />}
    </PageFrame>
  );
}

function Numbers() {
  const { data, failure, reload } = useCall(
    'stats',
    (relay, signal) => relay.read<Stats>('/v1/stats', {}, signal),
    EVERY_MS,
  );
  if (data === undefined) return <Trouble failure={failure} onRetry={reload} />;
  const { hooks } = data;
  return (
    <section aria-label="Numbers">
      <Trouble failure={failure} onRetry={reload} />
      <dl class="tiles">
        <Tile
          name="Accepted"
          value={data.accepted}
          note={count(data.duplicates, 'duplicate')}
          href="/console/events"
        />
        <Tile name="Delivered" value={data.delivered} href="/console/deliveries?status=delivered" />
        <Tile
          name="Pending"
          value={data.pending}
          note={oldestWords(data)}
          href="/console/deliveries?status=pending"
        />
        <Tile name="Dead" value={data.dead} isBad={data.dead > 0} href="/console/deliveries?status=dead" />
        <Tile
          name="Hooks active"
          value={hooks.active}
          note={`${hooks.failing} failing, ${hooks.paused} paused, ${hooks.disabled} disabled`}
          isBad={hooks.disabled > 0 || hooks.failing > 0}
          href="/console/hooks"
        />
      </dl>
    </section>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: number;
  readonly note?: string;
  readonly href: string;
  readonly isBad?: boolean;
}

function Tile({ name, value, note, href, isBad }: TileProps) {
  return (
    <div class={isBad === true ? 'tile bad' : 'tile'}>
      <dt>
        <a href={href}>{name}</a>
      </dt>
      <dd>
        <strong>{value.toLocaleString('en')}</strong>
        {note !== undefined && <span class="faint">{note}</span>}
      </dd>
    </div>
  );
}

function NeedsAttention() {
  const { me } = useSignedIn();
  const { data, failure, reload } = useCall(
    'attention',
    async (relay, signal) => {
      const known = await knownOf(relay, me.role, signal);
      return { known, found: needsAttention(known, Date.now()) };
    },
    EVERY_MS,
  );
  return (
    <section aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && data.found.length === 0 && <AllWell hasHooks={data.known.hooks.length > 0} />}
      {data !== undefined && data.found.length > 0 && (
        <ul class="attention">
          {data.found.slice(0, MOST_SHOWN).map((attention) => (
            <Item key={attention.key} attention={attention} onDone={reload} />
          ))}
        </ul>
      )}
      {data !== undefined && data.found.length > MOST_SHOWN && (
        <p>
          And {(data.found.length - MOST_SHOWN).toLocaleString('en')} more:{' '}
          <a href="/console/hooks?failing=true">failing hooks</a>,{' '}
          <a href="/console/hooks?state=disabled">disabled hooks</a>,{' '}
          <a href="/console/deliveries?status=dead">dead deliveries</a>.
        </p>
      )}
    </section>
  );
}

function AllWell({ hasHooks }: { readonly hasHooks: boolean }) {
  const { me } = useSignedIn();
  if (hasHooks) return <p class="none">Nothing. Every hook delivers.</p>;
  return (
    <div class="none">
      <p>There is no hook yet, so nothing is delivered.</p>
      <p class="row">
        {may(me.role, 'changeTenant') && (
          <a class="button" href="/console/sources/new">
            Connect a source
          </a>
        )}
        {may(me.role, 'changeHooks') && (
          <a class="button" href="/console/hooks/new">
            Register a hook
          </a>
        )}
      </p>
    </div>
  );
}

function Item({ attention, onDone }: { readonly attention: Attention; readonly onDone: () => void }) {
  const { me } = useSignedIn();
  const { name, href, cause, said, remedies } = attention;
  return (
    <li>
      <div>
        <h3>
          <a href={href}>
            <Said text={name} most={60} />
          </a>
        </h3>
        <p>{cause}</p>
        {said !== null && <p class="faint">The last attempt: {said}.</p>}
      </div>
      <div class="row">
        {remedies.map((remedy) =>
          remedy.kind === 'look' ? (
            <a key={remedy.label} class="button" href={remedy.href}>
              {remedy.label}
            </a>
          ) : (
            may(me.role, 'changeHooks') && (
              <AskButton
                key={remedy.label}
                label={remedy.label}
                tone="primary"
                act={(relay) => relay.call('POST', `/v1/hooks/${remedy.hookId}/resume`)}
                onDone={onDone}
              />
            )
          ),
        )}
      </div>
    </li>
  );
}

function OverTime() {
  const { data, failure, reload } = useCall('series', (relay, signal) => {
    const metric = LINES.map((line) => line.metric).join(',');
    const from = new Date(Date.now() - DAY_MS).toISOString();
    return relay.read<Series>('/v1/stats/series', { metric, from, step: 'hour' }, signal);
  });
  return (
    <section aria-labelledby="over-time">
      <h2 id="over-time">The last 24 hours</h2>
      <Trouble failure={failure} onRetry={reload} />
      {data !== undefined && (
        <Chart title="Events accepted, delivered and failed, by the hour" series={data} lines={LINES} />
      )}
    </section>
  );
}

/** The newest hooks and those in trouble among all the others, each once; and what says why. */
async function knownOf(relay: Relay, role: Role, signal: AbortSignal): Promise<Known> {
  const mayReadTenant = may(role, 'readTenant');
  const [sources, switches, ...pages] = await Promise.all([
    mayReadTenant ? pageOf<Source>(relay, '/v1/sources', signal) : [],
    may(role, 'operate') ? relay.read<Switches>('/v1/switches', {}, signal) : null,
    ...[{}, { failing: true }, { state: 'disabled' }, { state: 'paused' }].map((filter) =>
      pageOf<HookRow>(relay, `/v1/hooks${queryText(filter)}`, signal),
    ),
  ]);
  const hooks = [...new Map(pages.flat().map((hook) => [hook.id, hook])).values()];
  // A list over all hooks wakes many of them: only where one of them has something to tell.
  const statuses = [
    ...(hooks.some((hook) => isFailing(hook) && hook.pending > 0) ? ['pending'] : []),
    ...(hooks.some(({ dead }) => dead > 0) ? ['dead'] : []),
  ];
  const deliveries = await Promise.all(
    statuses.map((status) => pageOf<DeliveryRow>(relay, `/v1/deliveries?status=${status}`, signal)),
  );
  return { hooks, sources, deliveries: deliveries.flat(), switches };
}

async function pageOf<T>(relay: Relay, path: string, signal: AbortSignal): Promise<readonly T[]> {
  const joint = path.includes('?') ? '&' : '?';
  return (await relay.read<Page<T>>(`${path}${joint}limit=100`, {}, signal)).data;
}
