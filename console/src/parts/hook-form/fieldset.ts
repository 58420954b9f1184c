/** What each part of a hook's form is handed. */
import type { HookForm } from '../../words/hook-form.ts';

/** The members of the form that are a text. */
export type TextName = {
  [Name in keyof HookForm]: HookForm[Name] extends string ? Name : never;
}[keyof HookForm];

export interface FormPart {
  readonly form: HookForm;
  readonly set: (change: Partial<HookForm>) => void;
  /** What is wrong with a field: what the relay said of `member`, or what is seen from here. */
  readonly problemOf: (name: keyof HookForm, member?: string) => string | null | undefined;
  /** The value, what changes it and what is wrong with it. `member`: where it is not called like the field. */
  readonly text: (
    name: TextName,
    member?: string,
  ) => {
    readonly value: string;
    readonly onText: (text: string) => void;
    readonly problem: string | null | undefined;
  };
}
