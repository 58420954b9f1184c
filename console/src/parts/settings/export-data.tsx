/** Everything of the tenant as a file. */
import { useState } from 'preact/hooks';
import { useAction, useSignedIn } from '../../relay/use-call.ts';
import { may } from '../../words/permission.ts';
import { CheckField } from '../field.tsx';
import { Trouble } from '../trouble.tsx';

export function ExportData() {
  const { me } = useSignedIn();
  const [hasSecrets, setSecrets] = useState(false);
  const exporting = useAction(async (relay) => {
    const response = await relay.fetch('GET', `/v1/export${hasSecrets ? '?secrets=true' : ''}`);
    save(await response.blob(), `posthorn-${me.tenant}-${new Date().toISOString().slice(0, 10)}.ndjson`);
  });
  return (
    <section class="card" aria-labelledby="export">
      <h2 id="export" class="first">
        Export
      </h2>
      <p>
        Sources, hooks and events, one line of JSON each. A large log is better exported with the command
        line.
      </p>
      {may(me.role, 'changeTenant') && (
        <CheckField
          label="With secrets, so that it can be imported again. Whoever has the file has the secrets."
          isChecked={hasSecrets}
          onCheck={setSecrets}
        />
      )}
      <p>
        <button type="button" disabled={exporting.isRunning} onClick={() => void exporting.run()}>
          {exporting.isRunning ? 'Reading…' : 'Download the export'}
        </button>
      </p>
      <Trouble failure={exporting.failure} onRetry={() => void exporting.run()} />
    </section>
  );
}

function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
