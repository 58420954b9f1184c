/** How a hook is set up. */
import type { Hook } from '../relay/answers.ts';
import { useSignedIn } from '../relay/use-call.ts';
import { may } from '../words/permission.ts';
import { scheduleWords, span } from '../words/time.ts';
import { CopyButton } from './copy-button.tsx';
import { PublicKey } from './public-key.tsx';
import { LongText, Said } from './said.tsx';
import { SecretButton } from './secret-button.tsx';
import { When } from './when.tsx';

export function HookConfiguration({ hook }: { readonly hook: Hook }) {
  const { me } = useSignedIn();
  const { retry, signatures, superoffice } = hook;
  const headers = Object.keys(hook.headers);
  return (
    <section aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <dl class="facts card">
        <dt>URL</dt>
        <dd>
          <Said text={hook.url} most={4000} /> <CopyButton text={hook.url} what="URL" />
        </dd>
        <dt>Events</dt>
        <dd>
          <Said text={hook.events.join(', ')} most={600} />
        </dd>
        <dt>Sources</dt>
        <dd>{hook.sources === null ? 'all' : <Said text={hook.sources.join(', ')} most={600} />}</dd>
        <dt>Filters</dt>
        <dd>
          {hook.filters.length === 0 ? (
            'none'
          ) : (
            <LongText text={JSON.stringify(hook.filters)} label="Filters" />
          )}
        </dd>
        <dt>Format</dt>
        <dd>
          {hook.format}
          {hook.template !== null && <LongText text={hook.template.body} label="Template" />}
        </dd>
        <dt>Order</dt>
        <dd>
          {hook.ordering}, {hook.concurrency} at a time
          {hook.rateLimit !== null && `, at most ${hook.rateLimit.perSecond} per second`}
        </dd>
        <dt>Retries</dt>
        <dd>
          {retry.scheduleSeconds.length === 0 ? 'none' : `after ${scheduleWords(retry.scheduleSeconds)}`};
          timeout of an attempt {span(retry.timeoutSeconds)}
          {retry.giveUpOn.length > 0 && `; gives up at once on ${retry.giveUpOn.join(', ')}`}
        </dd>
        <dt>Signature</dt>
        <dd class="row">
          {hook.signing}
          {may(me.role, 'changeHooks') && <SecretButton path={`/v1/hooks/${hook.id}`} />}
        </dd>
        {hook.signing !== 'hmac' && (
          <>
            <dt>Public key</dt>
            <dd>
              <PublicKey hookId={hook.id} />
            </dd>
          </>
        )}
        {signatures.length > 0 && (
          <>
            <dt>Additional signatures</dt>
            <dd>
              {signatures.map(({ header, digest, encoding, message }) => (
                <div key={header}>
                  <code>{header}</code>: {digest} in {encoding} over{' '}
                  <code>
                    <Said text={message.join('')} most={100} />
                  </code>
                </div>
              ))}
            </dd>
          </>
        )}
        <dt>Authentication</dt>
        <dd>{hook.auth === null ? 'none' : hook.auth.type}</dd>
        <dt>Additional headers</dt>
        <dd>{headers.length === 0 ? 'none' : <Said text={headers.join(', ')} most={600} />}</dd>
        {superoffice !== null && (
          <>
            <dt>Registered</dt>
            <dd>
              through SuperOffice’s API, for <Said text={superoffice.events.join(', ')} most={300} />. Change
              it there.
            </dd>
          </>
        )}
        {hook.managedBy !== null && (
          <>
            <dt>Managed by</dt>
            <dd>
              <Said text={hook.managedBy} /> <span class="faint">which may overwrite changes made here</span>
            </dd>
          </>
        )}
        <dt>Created</dt>
        <dd>
          <When at={hook.createdAt} />, changed <When at={hook.updatedAt} />
        </dd>
      </dl>
    </section>
  );
}
