/** A hook is registered or changed; what is wrong is said while it is typed, and what comes of filters and templates is shown. */
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { CheckField, ChoiceField, TextField } from '../parts/field.tsx';
import { FilterTrial } from '../parts/filter-trial.tsx';
import { Modal } from '../parts/modal.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Said } from '../parts/said.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { TemplateTrial } from '../parts/template-trial.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { etagOf } from '../relay/relay.ts';
import type { CreatedHook, Hook, Page, PatchedHook, Source } from '../relay/answers.ts';
import { useAction, useCall, useSignedIn } from '../relay/use-call.ts';
import { errorsAt } from '../words/failure.ts';
import {
  AUTH_MEMBERS,
  NEW_HOOK,
  changed,
  formOf,
  membersOf,
  problemsOf,
  type HookForm,
} from '../words/hook-form.ts';
import { may } from '../words/permission.ts';

export function NewHook() {
  return <Form hook={null} onOutdated={() => undefined} />;
}

export function EditHook({ id }: { readonly id: string }) {
  const path = `/v1/hooks/${encodeURIComponent(id)}`;
  const { data, failure, reload } = useCall(path, (relay, signal) => relay.read<Hook>(path, {}, signal));
  const [round, setRound] = useState(0);
  if (data === undefined) {
    return (
      <PageFrame title={`Edit hook ${id}`}>
        <Trouble failure={failure} onRetry={reload} />
      </PageFrame>
    );
  }
  // Loaded again, the form begins anew.
  return (
    <Form
      key={`${round}:${etagOf(data) ?? ''}`}
      hook={data}
      onOutdated={() => {
        setRound(round + 1);
        reload();
      }}
    />
  );
}

/** A new hook comes with its secret; a changed one with what it lost on the way. */
type Made = CreatedHook | PatchedHook;

interface FormProps {
  /** null: a new one. */
  readonly hook: Hook | null;
  readonly onOutdated: () => void;
}

function Form({ hook, onOutdated }: FormProps) {
  const { me } = useSignedIn();
  const { route } = useLocation();
  const before = hook === null ? NEW_HOOK : formOf(hook);
  const [form, setForm] = useState(before);
  const [isTried, setTried] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const saving = useAction(async (relay) => {
    if (hook === null) {
      setMade(await relay.call<CreatedHook>('POST', '/v1/hooks', { body: membersOf(form) }));
      return;
    }
    const body = changed(before, form);
    const saved = await relay.call<PatchedHook>('PATCH', `/v1/hooks/${hook.id}`, {
      body,
      ifMatch: etagOf(hook),
    });
    if ((saved.dropped ?? []).length === 0) route(`/console/hooks/${hook.id}`);
    else setMade(saved);
  });
  const problems = problemsOf(form);
  const { failure } = saving;
  const set = (change: Partial<HookForm>) => {
    setForm({ ...form, ...change });
  };
  /** What the relay said of a member, until it is typed anew; else what is seen from here. A new form is not wrong yet. */
  const problemOf = (name: keyof HookForm, member: string = name) =>
    errorsAt(failure, member) ?? (isTried || form[name] !== before[name] ? problems[name] : undefined);
  const text = (name: keyof HookForm, member?: string) => ({
    value: form[name] as string,
    onText: (value: string) => set({ [name]: value }),
    problem: problemOf(name, member),
  });

  const isTrying = may(me.role, 'changeTenant');
  return (
    <PageFrame title={hook === null ? 'New hook' : `Edit hook ${hook.id}`}>
      <form
        class="wide-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(problems).length === 0) void saving.run();
        }}
      >
        <fieldset>
          <legend>Where to</legend>
          <div class="two">
            <TextField label="Name" {...text('name')} hint="For people." />
            <TextField
              label="URL"
              type="url"
              isRequired
              {...text('url')}
              placeholder="https://example.com/webhooks"
            />
          </div>
        </fieldset>
        <fieldset>
          <legend>Which events</legend>
          <TextField
            label="Event patterns"
            rows={3}
            {...text('events')}
            hint="One a line. * alone is every event but the relay’s own notices; superoffice.contact.* all of one kind."
          />
          {may(me.role, 'readTenant') && (
            <Sources chosen={form.sources} onChoose={(sources) => set({ sources })} />
          )}
          <TextField
            label="Filters"
            rows={4}
            {...text('filters')}
            placeholder='[{"match":{"data":{"raw":{"total":{"$gte":1000}}}}}]'
            hint="JSON. All must hold, beside the patterns. Empty: none."
          />
          {isTrying && problems.filters === undefined && problems.events === undefined && (
            <FilterTrial events={form.events} filters={form.filters} sources={form.sources} />
          )}
        </fieldset>
        <fieldset>
          <legend>In which shape</legend>
          <ChoiceField
            label="Format"
            {...text('format')}
            options={[
              ['structured', 'structured: the whole CloudEvents envelope as JSON'],
              ['binary', 'binary: CloudEvents in headers, data as the body'],
              ['raw', 'raw: the provider’s own bytes'],
              ['superoffice', 'superoffice: as SuperOffice sends'],
              ['template', 'template: a text of your own'],
            ]}
          />
          {form.format === 'template' && (
            <TemplateTrial
              contentType={form.templateType}
              body={form.templateBody}
              onChange={({ contentType, body }) => set({ templateType: contentType, templateBody: body })}
              problem={problemOf('templateBody', 'template')}
              isTrying={isTrying}
            />
          )}
        </fieldset>
        <details class="card">
          <summary>Order, retries, login and headers</summary>
          <div class="two">
            <ChoiceField
              label="Order"
              {...text('ordering')}
              options={[
                ['subject', 'subject: events of one subject stay in order'],
                ['fifo', 'fifo: all in order, the first blocks'],
                ['none', 'none: as they come'],
              ]}
            />
            <TextField label="Attempts at a time" type="number" {...text('concurrency')} />
            <TextField
              label="At most a second"
              type="number"
              {...text('perSecond', 'rateLimit')}
              hint="Empty: no limit."
            />
            <ChoiceField
              label="Signature"
              {...text('signing')}
              options={[
                ['hmac', 'hmac: a shared secret'],
                ['ed25519', 'ed25519: a key pair'],
                ['both', 'both'],
              ]}
            />
          </div>
          <TextField
            label="Waits between attempts, in seconds"
            rows={2}
            {...text('schedule', 'retry/scheduleSeconds')}
          />
          <div class="two">
            <TextField
              label="An attempt may take, in seconds"
              type="number"
              {...text('timeoutSeconds', 'retry/timeoutSeconds')}
            />
            <TextField
              label="Give up at once on"
              {...text('giveUpOn', 'retry/giveUpOn')}
              hint="Statuses, with commas."
            />
          </div>
          <ChoiceField
            label="Login at the receiver"
            {...text('authType', 'auth')}
            options={[
              ['none', 'none'],
              ['bearer', 'bearer token'],
              ['basic', 'user name and password'],
              ['oauth2', 'OAuth2 client credentials'],
            ]}
          />
          <div class="two">
            {(AUTH_MEMBERS[form.authType] ?? []).map(({ name, isSecret }) => (
              <TextField
                key={name}
                label={name}
                type={isSecret ? 'password' : 'text'}
                value={form.authMembers[name] ?? ''}
                onText={(value) => set({ authMembers: { ...form.authMembers, [name]: value } })}
                hint={isSecret ? 'Write-only: *** stands for the one that is there.' : undefined}
              />
            ))}
          </div>
          <TextField
            label="Further headers"
            rows={2}
            {...text('headers')}
            placeholder="x-team: billing"
            hint="One a line. Values are write-only: *** stands for the one that is there."
          />
          <TextField
            label="Your own id"
            {...text('uid')}
            hint="A stable name for tools; unique among the hooks."
          />
          <CheckField
            label="Keep the answers of deliveries that went well, too"
            isChecked={form.keepAnswers}
            onCheck={(keepAnswers) => set({ keepAnswers })}
          />
        </details>
        <Trouble
          failure={failure}
          onRetry={failure?.code === 'precondition-failed' ? onOutdated : undefined}
          retryLabel="Load it again"
        />
        {isTried && Object.keys(problems).length > 0 && (
          <p class="problem" role="alert">
            Something above is not right yet.
          </p>
        )}
        <p class="row">
          <button type="submit" class="primary" disabled={saving.isRunning}>
            {hook === null ? 'Register the hook' : 'Save'}
          </button>
          <a class="button" href={hook === null ? '/console/hooks' : `/console/hooks/${hook.id}`}>
            Cancel
          </a>
        </p>
      </form>
      {made !== null && <Done hook={made} onClose={() => route(`/console/hooks/${made.id}`)} />}
    </PageFrame>
  );
}

/** What is told once: the secret of a new hook, or what did not move along to another host. */
function Done({ hook, onClose }: { readonly hook: Made; readonly onClose: () => void }) {
  const secret = 'secret' in hook ? hook.secret : undefined;
  const dropped = ('dropped' in hook ? hook.dropped : undefined) ?? [];
  return (
    <Modal title={secret === undefined ? 'Saved' : 'Registered'} onClose={onClose}>
      {secret !== undefined && (
        <>
          <p>With this secret the receiver verifies what it gets. It is shown at the hook’s page, too.</p>
          <p>
            <code>
              <Said text={secret} most={400} />
            </code>{' '}
            <CopyButton text={secret} what="secret" />
          </p>
        </>
      )}
      {dropped.length > 0 && (
        <p>
          Another host does not get what was meant for the one before. Dropped: {dropped.join(', ')}. Enter
          them again where the new one needs them.
        </p>
      )}
      <div class="row end">
        <button type="button" class="primary" onClick={onClose}>
          To the hook
        </button>
      </div>
    </Modal>
  );
}

interface SourcesProps {
  readonly chosen: readonly string[] | null;
  readonly onChoose: (chosen: readonly string[] | null) => void;
}

function Sources({ chosen, onChoose }: SourcesProps) {
  const { data } = useCall('sources', (relay, signal) =>
    relay.read<Page<Source>>('/v1/sources', { limit: 200 }, signal),
  );
  return (
    <fieldset class="plain">
      <legend>Sources</legend>
      <CheckField
        label="All, also those to come"
        isChecked={chosen === null}
        onCheck={(isAll) => onChoose(isAll ? null : [])}
      />
      {chosen !== null &&
        (data?.data ?? []).map(({ id, name, provider }) => (
          <CheckField
            key={id}
            label={
              <>
                <Said text={name} most={60} /> <span class="faint">({provider})</span>
              </>
            }
            isChecked={chosen.includes(id)}
            onCheck={(isChosen) =>
              onChoose(isChosen ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
        ))}
      {chosen?.length === 0 && <p class="hint">None is chosen: this hook gets no event of a source.</p>}
    </fieldset>
  );
}
