/** What patterns and filters would choose of the newest events, asked of the relay while they are typed. */
import type { Tried } from '../relay/answers.ts';
import { useCall } from '../relay/use-call.ts';
import { filtersIn, patternsIn } from '../words/hook-form.ts';
import { Badge } from './badge.tsx';
import { Said } from './said.tsx';
import { Trouble } from './trouble.tsx';
import { useSettled } from './use-settled.ts';

const SHOWN = 8;

interface FilterTrialProps {
  readonly events: string;
  readonly filters: string;
  readonly sources: readonly string[] | null;
}

export function FilterTrial({ events, filters, sources }: FilterTrialProps) {
  const asked = useSettled(JSON.stringify({ events, filters, sources }));
  const { data, failure } = useCall(`trial:${asked}`, async (relay, signal) => {
    const typed = JSON.parse(asked) as FilterTrialProps;
    const body = {
      events: patternsIn(typed.events),
      filters: filtersIn(typed.filters),
      sources: typed.sources,
      limit: 100,
    };
    return relay.call<Tried>('POST', '/v1/filters/test', { body, signal });
  });
  if (failure !== null) return <Trouble failure={failure} />;
  if (data === undefined) return <p class="faint">Trying it with the newest events…</p>;
  return (
    <div class="trial" role="status">
      <p>
        {data.tested === 0
          ? 'There is no event yet to try it with.'
          : `Of the newest ${data.tested.toLocaleString('en')} events it takes ${data.matched.toLocaleString('en')}.`}
      </p>
      {data.tested > 0 && (
        <details>
          <summary>Which</summary>
          <ul>
            {data.results.slice(0, SHOWN).map(({ id, type, matched, clause }) => (
              <li key={id}>
                <Badge state={matched ? 'taken' : 'skipped'} /> <Said text={type} most={60} />{' '}
                {clause !== null && (
                  <span class="faint">
                    fails at <code>{clause}</code>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
