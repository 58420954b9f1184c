/** Text of strangers: payloads, names, answers of receivers. Always text, apart from what surrounds it, cut with a way to the whole. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { cut, visible } from '../words/text.ts';
import { isJson, laidOut } from '../words/json.ts';
import { CopyButton } from './copy-button.tsx';

const SHORT = 120;
const LONG = 3_000;

/** Within a line. What is cut can be read where it is shown in full, at its own page. */
export function Said({ text, most = SHORT }: { readonly text: string; readonly most?: number }) {
  const { shown, isCut } = cut(text, most);
  return (
    <bdi class="said" title={isCut ? `${text.length.toLocaleString('en')} characters` : undefined}>
      {breakable(visible(shown))}
      {isCut ? '…' : ''}
    </bdi>
  );
}

/** Names such as `superoffice.contact.updated` break behind their dots and slashes, rather than anywhere. */
function breakable(text: string): ComponentChildren {
  if (text.length > SHORT) return text;
  return text.split(/(?<=[./_])/).map((part, at) => (at === 0 ? part : [<wbr />, part]));
}

/** On lines of its own: at first its beginning, on request all of it. JSON is laid out. */
export function LongText({ text, label }: { readonly text: string; readonly label: string }) {
  const [isWhole, setWhole] = useState(false);
  const read = isJson(text) ? laidOut(text) : text;
  const { shown, isCut } = cut(read, LONG);
  return (
    <div class="long">
      <pre tabIndex={0} role="region" aria-label={label} dir="ltr">
        <bdi>{visible(isWhole ? read : shown)}</bdi>
        {isCut && !isWhole ? '…' : ''}
      </pre>
      <div class="row">
        <CopyButton text={text} what={label} />
        {isCut && (
          <button type="button" class="quiet" onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Show less' : `Show all ${read.length.toLocaleString('en')} characters`}
          </button>
        )}
      </div>
    </div>
  );
}
