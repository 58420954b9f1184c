/** Fields of a form: a label, what it is for, and what is wrong with it, told to screen readers too. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly problem?: string | null | undefined;
}

interface Described {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

function Framed({
  label,
  hint,
  problem,
  control,
}: FieldProps & { readonly control: (described: Described) => JSX.Element }) {
  const id = useId();
  const hasProblem = problem !== undefined && problem !== null;
  const describers = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(hasProblem ? [`${id}-problem`] : []),
  ];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {control({
        id,
        'aria-describedby': describers.length === 0 ? undefined : describers.join(' '),
        'aria-invalid': hasProblem ? true : undefined,
      })}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <p class="problem" id={`${id}-problem`} aria-live="polite">
        {hasProblem ? problem : ''}
      </p>
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly type?: 'text' | 'password' | 'url' | 'search' | 'number' | 'datetime-local';
  readonly rows?: number;
  readonly isRequired?: boolean;
  readonly placeholder?: string;
  readonly list?: readonly string[];
}

export function TextField(props: TextFieldProps) {
  const { value, onText, type = 'text', rows, isRequired, placeholder, list, ...frame } = props;
  const listId = useId();
  // Each kind of input may have roles of its own, and so has a type of its own; none is given here.
  const kind = type as 'text';
  return (
    <Framed
      {...frame}
      control={(described) =>
        rows === undefined ? (
          <>
            <input
              {...described}
              type={kind}
              value={value}
              required={isRequired}
              placeholder={placeholder}
              list={list === undefined ? undefined : listId}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => onText(event.currentTarget.value)}
            />
            {list !== undefined && (
              <datalist id={listId}>
                {list.map((option) => (
                  <option key={option} value={option} />
                ))}
              </datalist>
            )}
          </>
        ) : (
          <textarea
            {...described}
            rows={rows}
            value={value}
            required={isRequired}
            placeholder={placeholder}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => onText(event.currentTarget.value)}
          />
        )
      }
    />
  );
}

interface ChoiceFieldProps extends FieldProps {
  readonly value: string;
  readonly onText: (text: string) => void;
  /** Value → what is shown. */
  readonly options: readonly (readonly [string, string])[];
}

export function ChoiceField({ value, onText, options, ...frame }: ChoiceFieldProps) {
  return (
    <Framed
      {...frame}
      control={(described) => (
        <select {...described} value={value} onChange={(event) => onText(event.currentTarget.value)}>
          {options.map(([option, words]) => (
            <option key={option} value={option} selected={option === value}>
              {words}
            </option>
          ))}
        </select>
      )}
    />
  );
}

export function CheckField({
  label,
  isChecked,
  onCheck,
}: {
  readonly label: ComponentChildren;
  readonly isChecked: boolean;
  readonly onCheck: (isChecked: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={isChecked} onChange={(event) => onCheck(event.currentTarget.checked)} />{' '}
      {label}
    </label>
  );
}
