/** Reads a request's body with a cap that counts while reading. */
import { invalid } from './problem.ts';

/**
 * A client in the middle of sending never sees the answer when its connection is cut: so much beyond the cap is read
 * and thrown away first.
 */
const DISCARDED_BYTES = 32 * 1024 * 1024;

/**
 * The body, or null when it is larger than `maxBytes`. A body that breaks off, or whose chunks are malformed, is the
 * client's fault: the runtime throws for it what it throws for a connection of its own that is lost.
 */
export async function cappedBody(request: Request, maxBytes: number): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array();
  try {
    return await read(request, request.body as ReadableStream<Uint8Array>, maxBytes);
  } catch {
    throw invalid({ path: '', expected: 'a body that arrives whole', got: 'one that breaks off' });
  }
}

async function read(
  request: Request,
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const contentLength = request.headers.get('content-length');
  const announcedBytes = Number(contentLength ?? '0');
  // HTTP delivers no more than it announced, and taking it in one piece is quicker.
  if (contentLength !== null && announcedBytes <= maxBytes)
    return new Uint8Array(await request.arrayBuffer());
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = announcedBytes > maxBytes + DISCARDED_BYTES ? announcedBytes : 0;
  while (bytes <= maxBytes + DISCARDED_BYTES) {
    const { done, value } = await reader.read();
    if (done) return bytes <= maxBytes ? joined(chunks, bytes) : null;
    bytes += value.byteLength;
    if (bytes <= maxBytes) chunks.push(value);
    else chunks.length = 0;
  }
  await reader.cancel();
  return null;
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
