/**
 * The relay's own route definitions, as types: what a call sends and what it is answered follow from the schemas that
 * check it there. Only types cross over: nothing of the relay, and no zod, is in the client at run time.
 */
import type * as z from 'zod';

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly rawBody?: { readonly schema: z.ZodType };
  readonly isBodyOptional?: true;
  readonly answers: object;
}

type AnyOf<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** All of them may be left out: the relay has a default for each. */
export type QueryOf<R extends Route> = R extends { readonly query: infer Q extends z.ZodType }
  ? AnyOf<z.output<Q>>
  : Readonly<Record<string, never>>;

export type BodyOf<R extends Route> = R extends { readonly body: infer B extends z.ZodType }
  ? z.input<B>
  : R extends { readonly rawBody: { readonly schema: infer B extends z.ZodType } }
    ? z.input<B>
    : undefined;

type SchemaOf<Answer> = Answer extends { readonly schema: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

/** Of the call that went well. */
export type AnswerOf<R extends Route> = R['answers'] extends { readonly 200: infer Answer }
  ? SchemaOf<Answer>
  : R['answers'] extends { readonly 201: infer Answer }
    ? SchemaOf<Answer>
    : R['answers'] extends { readonly 202: infer Answer }
      ? SchemaOf<Answer>
      : undefined;

/** What one page of a list holds. */
export type ItemOf<R extends Route> =
  AnswerOf<R> extends { readonly data: readonly (infer Item)[] } ? Item : never;

type ParamsPart<R extends Route> = R extends { readonly params: infer P extends z.ZodType }
  ? { readonly params: { readonly [K in keyof z.output<P>]: string | number } }
  : { readonly params?: undefined };

type BodyPart<R extends Route> = R extends { readonly isBodyOptional: true }
  ? { readonly body?: BodyOf<R> | undefined }
  : R extends { readonly body: z.ZodType } | { readonly rawBody: object }
    ? { readonly body: BodyOf<R> }
    : { readonly body?: undefined };

/** What a call of this route is made of. */
export type InputOf<R extends Route> = ParamsPart<R> &
  BodyPart<R> & { readonly query?: QueryOf<R> | undefined };
