import { ChoiceField } from '../field.tsx';
import { TemplateTrial } from '../template-trial.tsx';
import type { FormPart } from './fieldset.ts';

interface WhichShapeProps extends FormPart {
  readonly isTrying: boolean;
}

export function WhichShape({ form, set, text, problemOf, isTrying }: WhichShapeProps) {
  return (
    <fieldset>
      <legend>In which format</legend>
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
  );
}
