/** All that a publisher's key may do: publish an event. */
import { useState } from 'preact/hooks';
import { TextField } from '../parts/field.tsx';
import { PageFrame } from '../parts/page.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { useAction } from '../relay/use-call.ts';

interface Published {
  readonly id: string;
  readonly duplicate: boolean;
}

export function Publisher() {
  const [text, setText] = useState(example);
  const [published, setPublished] = useState<Published | null>(null);
  const problem = problemOf(text);
  const publishing = useAction(async (relay) => {
    setPublished(null);
    setPublished(await relay.call<Published>('POST', '/v1/events', { body: JSON.parse(text) as unknown }));
  });
  return (
    <PageFrame
      title="Publish an event"
      lead="This key may publish events, and nothing else. To see what becomes of them, sign in with another key."
    >
      <form
        class="wide-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) void publishing.run();
        }}
      >
        <TextField
          label="CloudEvents envelope"
          rows={12}
          value={text}
          onText={setText}
          problem={problem}
          hint="JSON."
        />
        <Trouble failure={publishing.failure} />
        <p role="status">
          {published !== null &&
            (published.duplicate
              ? `This event was there before, as ${published.id}: it is not delivered again.`
              : `Stored as ${published.id}; it will be delivered.`)}
        </p>
        <button type="submit" class="primary" disabled={publishing.isRunning}>
          Publish
        </button>
      </form>
    </PageFrame>
  );
}

function example(): string {
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/console',
    type: 'com.example.thing.happened',
    subject: 'thing/1',
    data: { words: 'hello' },
  };
  return JSON.stringify(event, null, 2);
}

function problemOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
