/** Reads a request's body with a cap that counts while reading, and only for so long. */
import { type Refusal, invalid } from './problem.ts';

/**
 * A client in the middle of sending never sees the answer when its connection is cut: so much beyond the cap is read
 * and thrown away first.
 */
const DISCARDED_BYTES = 32 * 1024 * 1024;

/** A megabyte takes 35 KB/s for it. A client that stalls would hold its connection and what it has sent for as long as it likes. */
const MOST_MS = 30_000;

/**
 * The body, or null when it is larger than `maxBytes`. A body that takes too long, breaks off or comes in malformed
 * chunks is the client's fault: the runtime throws for it what it throws for a connection of its own that is lost.
 */
export async function cappedBody(
  request: Request,
  maxBytes: number,
  mostMs = MOST_MS,
): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array();
  const reading = new Reading(request, request.body as ReadableStream<Uint8Array>, maxBytes);
  const timer = Promise.withResolvers<'too-late'>();
  const timeout = setTimeout(timer.resolve, mostMs, 'too-late');
  try {
    const body = await Promise.race([reading.whole(), timer.promise]);
    if (body !== 'too-late') return body;
  } catch {
    throw broken('one that breaks off');
  } finally {
    clearTimeout(timeout);
  }
  reading.giveUp();
  if (reading.isTooLarge) return null;
  throw broken('one that takes longer');
}

function broken(got: string): Refusal {
  return invalid({ path: '', expected: `a body that arrives whole within ${MOST_MS / 1000} s`, got });
}

class Reading {
  readonly #request: Request;
  readonly #stream: ReadableStream<Uint8Array>;
  readonly #maxBytes: number;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #bytes = 0;

  constructor(request: Request, stream: ReadableStream<Uint8Array>, maxBytes: number) {
    this.#request = request;
    this.#stream = stream;
    this.#maxBytes = maxBytes;
  }

  get isTooLarge(): boolean {
    return this.#bytes > this.#maxBytes;
  }

  async whole(): Promise<Uint8Array | null> {
    const contentLength = this.#request.headers.get('content-length');
    const announcedBytes = Number(contentLength ?? '0');
    // HTTP delivers no more than it announced, and taking it in one piece is quicker.
    if (contentLength !== null && announcedBytes <= this.#maxBytes)
      return new Uint8Array(await this.#request.arrayBuffer());
    const most = this.#maxBytes + DISCARDED_BYTES;
    this.#bytes = announcedBytes > most ? announcedBytes : 0;
    return this.#inPieces(most);
  }

  giveUp(): void {
    void this.#reader?.cancel().catch(() => undefined);
  }

  async #inPieces(most: number): Promise<Uint8Array | null> {
    const reader = (this.#reader = this.#stream.getReader());
    const chunks: Uint8Array[] = [];
    while (this.#bytes <= most) {
      const { done, value } = await reader.read();
      if (done) return this.isTooLarge ? null : joined(chunks, this.#bytes);
      this.#bytes += value.byteLength;
      if (this.isTooLarge) chunks.length = 0;
      else chunks.push(value);
    }
    await reader.cancel();
    return null;
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}
