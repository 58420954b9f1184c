/** The start of an answer's body. Its status has decided already: a body that drips, breaks off or never ends is read no further. */

export const READ_BYTES = 64 * 1024;
const NO_CONTENT = 204;
/** More than is shown, so that a credential which stands across the cut is recognised. */
const KEPT_BYTES = 16 * 1024;

export interface AnswerStart {
  readonly text: string;
  /** It is all that there was. */
  readonly isWhole: boolean;
}

/**
 * Reads up to 64 KiB, so that the connection can be used again, and keeps the start; null: there is none, or it is not
 * `kept`. Never throws.
 */
export async function startOf(response: Response, isKept: boolean): Promise<AnswerStart | null> {
  if (response.status === NO_CONTENT || response.body === null) return null;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const pieces: Uint8Array[] = [];
  let readBytes = 0;
  let isWhole = false;
  try {
    while (readBytes <= READ_BYTES) {
      const { done, value } = await reader.read();
      if (done) {
        isWhole = readBytes <= KEPT_BYTES;
        break;
      }
      if (isKept && readBytes < KEPT_BYTES) pieces.push(value.subarray(0, KEPT_BYTES - readBytes));
      readBytes += value.byteLength;
    }
    if (readBytes > READ_BYTES) await reader.cancel();
  } catch {
    isWhole = false;
  }
  return isKept ? { text: textOf(pieces), isWhole } : null;
}

function textOf(pieces: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join('') + decoder.decode();
}
