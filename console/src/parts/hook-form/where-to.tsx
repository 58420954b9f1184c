import { TextField } from '../field.tsx';
import type { FormPart } from './fieldset.ts';

export function WhereTo({ text }: FormPart) {
  return (
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
          hint={
            <>
              Or <code>listen:</code>, for <code>posthorn listen</code> on somebody’s own machine.
            </>
          }
        />
      </div>
    </fieldset>
  );
}
