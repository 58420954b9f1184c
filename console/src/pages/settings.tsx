/** What is set up beside sources and hooks: whose key this is, what is kept and how, and what is done with all of it. */
import { PageFrame } from '../parts/page.tsx';
import { DeletePayloads } from '../parts/settings/delete-payloads.tsx';
import { ExportData } from '../parts/settings/export-data.tsx';
import { Reencryption } from '../parts/settings/reencryption.tsx';
import { Tenants } from '../parts/settings/tenants.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { When } from '../parts/when.tsx';
import type { Health, Stats } from '../relay/answers.ts';
import { useCall, useSignedIn } from '../relay/use-call.ts';
import { ROLE_WORDS, may } from '../words/permission.ts';

export function Settings() {
  const { me } = useSignedIn();
  return (
    <PageFrame
      title="Settings"
      lead="This tenant as a whole. The operator sets the relay itself up where it runs."
    >
      <Facts />
      <ExportData />
      {may(me.role, 'changeTenant') && <DeletePayloads />}
      {may(me.role, 'operate') && (
        <>
          <Reencryption />
          <Tenants />
        </>
      )}
    </PageFrame>
  );
}

function Facts() {
  const { me } = useSignedIn();
  const { data, failure, reload } = useCall('settings', async (relay, signal) => {
    const [stats, health] = await Promise.all([
      relay.read<Stats>('/v1/stats', {}, signal),
      relay.read<Health>('/healthz', {}, signal),
    ]);
    return { stats, health };
  });
  return (
    <section class="card" aria-label="About">
      <dl class="facts">
        <dt>Tenant</dt>
        <dd>{me.tenant}</dd>
        <dt>Signed in as</dt>
        <dd>
          {me.role}: {ROLE_WORDS[me.role]}
          {me.keyId !== null && <span class="faint"> ({me.keyId})</span>}
        </dd>
        {data !== undefined && (
          <>
            <dt>Relay</dt>
            <dd>
              Posthorn {data.health.version} ·{' '}
              <a href="/docs" target="_self">
                its API
              </a>
            </dd>
            <dt>Secrets at rest</dt>
            <dd>
              {data.stats.secretsEncrypted
                ? 'encrypted'
                : 'not encrypted: the operator can set POSTHORN_SECRETS_KEY'}
            </dd>
            <dt>Oldest event</dt>
            <dd>
              <When at={data.stats.oldestEventAt} none="none is kept" />
            </dd>
          </>
        )}
      </dl>
      <Trouble failure={failure} onRetry={reload} />
    </section>
  );
}
