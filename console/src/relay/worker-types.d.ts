/**
 * The console's types follow from the relay's routes, so a Worker's sources are checked here beside a browser's. Where
 * the two platforms describe the same thing, the browser's description wins, and is narrower in these places.
 */
interface ReadableByteStreamController {
  enqueue(chunk: ArrayBufferView): void;
}

declare function fetch(
  url: string | URL,
  init: Omit<RequestInit, 'body'> & { readonly body: string | Uint8Array },
): Promise<Response>;
