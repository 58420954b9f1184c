/** Order, pace and retries. */
import { CheckField, ChoiceField, TextField } from '../field.tsx';
import type { FormPart } from './fieldset.ts';

export function DeliveryRules({ form, set, text }: FormPart) {
  return (
    <details class="card">
      <summary>Order, pace and retries</summary>
      <div class="two">
        <ChoiceField
          label="Order"
          {...text('ordering')}
          options={[
            ['subject', 'subject: events about one subject stay in order'],
            ['fifo', 'fifo: all in order; the first one blocks the rest'],
            ['none', 'none: as they come'],
          ]}
        />
        <TextField label="Attempts at a time" type="number" {...text('concurrency')} />
        <TextField
          label="Deliveries per second"
          type="number"
          {...text('perSecond', 'rateLimit')}
          hint="Empty: no limit."
        />
        <TextField
          label="Timeout of an attempt, in seconds"
          type="number"
          {...text('timeoutSeconds', 'retry/timeoutSeconds')}
        />
      </div>
      <TextField
        label="Retry after, in seconds"
        rows={2}
        {...text('schedule', 'retry/scheduleSeconds')}
        hint="One number for each retry, up to 20. Empty: one attempt only."
      />
      <div class="two">
        <TextField
          label="Jitter"
          {...text('jitter', 'retry/jitter')}
          hint="Each wait is stretched by a random part up to this: 0.1 is up to 10 %."
        />
        <TextField
          label="Give up at once on"
          {...text('giveUpOn', 'retry/giveUpOn')}
          placeholder="400, 422"
          hint="Status codes, separated by commas."
        />
        <TextField
          label="Disable after, in seconds"
          type="number"
          {...text('disableAfterSeconds', 'retry/disableAfterSeconds')}
          hint="Of nothing but failures. 432000 is five days."
        />
        <TextField
          label="Your own id"
          {...text('uid')}
          hint="A stable name for tools; unique among the hooks."
        />
      </div>
      <CheckField
        label="Keep the answers of successful deliveries, too"
        isChecked={form.keepAnswers}
        onCheck={(keepAnswers) => set({ keepAnswers })}
      />
    </details>
  );
}
