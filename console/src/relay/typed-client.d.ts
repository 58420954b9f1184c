/**
 * The typed client as far as the console uses it. Its own types follow from the relay's sources, whose platform is not a
 * browser's; the two cannot be checked in one program.
 */
declare module 'typed-client' {
  export interface ClientOptions {
    readonly url: string;
    readonly key?: string;
    readonly tenant?: string | undefined;
    readonly retries?: number;
  }

  export interface TailOptions {
    readonly types?: readonly string[] | undefined;
    readonly hook?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onReady?: (ready: { readonly cursor: string }) => void;
    readonly onState?: (
      state:
        | { readonly kind: 'connecting' }
        | { readonly kind: 'lost'; readonly detail: string; readonly againInMs: number },
    ) => void;
  }

  export type TailFrame =
    | {
        readonly kind: 'event';
        readonly event: {
          readonly posthornid: string;
          readonly type: string;
          readonly subject?: string | null;
          readonly source: string;
          readonly recordedtime: string;
        };
      }
    | {
        readonly kind: 'attempt';
        readonly eventId: string;
        readonly number: number;
        readonly outcome: string;
        readonly statusCode: number | null;
        readonly error: string | null;
        readonly durationMs: number;
      };

  export class Posthorn {
    request(
      method: string,
      path: string,
      input?: {
        readonly query?: Readonly<Record<string, unknown>>;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: BodyInit;
      },
      options?: { readonly signal?: AbortSignal | undefined; readonly ifMatch?: string | undefined },
    ): Promise<Response>;
    tail(options?: TailOptions): AsyncGenerator<TailFrame, undefined>;
  }

  export function posthorn(options: ClientOptions): Posthorn;

  export class PosthornError extends Error {
    readonly code: string;
    readonly status: number;
    readonly detail: string;
    readonly problems: readonly { readonly path: string; readonly expected: string; readonly got: string }[];
    readonly retryAfterSeconds: number | null;
  }
  export class UnreachableError extends Error {}
  export class ClosedError extends Error {
    readonly code: number;
  }
}
