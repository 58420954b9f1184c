/** UUIDs of version 7 (RFC 9562): 48 bits of time, then random ones. Time and dice are arguments. */
const MAX_TIME_MS = 2 ** 48 - 1;
const RANDOM_BYTES = 10;

/** `random` is 10 bytes; six of their bits give way to version and variant. */
export function uuidv7(timeMs: number, random: Uint8Array): string {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > MAX_TIME_MS)
    throw new RangeError(`no UUID time: ${timeMs}`);
  if (random.length !== RANDOM_BYTES) throw new RangeError(`expected ${RANDOM_BYTES} random bytes`);
  const time = timeMs.toString(16).padStart(12, '0');
  const [high = 0, low = 0, variant = 0, ...node] = random;
  const hex = [
    time,
    byteHex(0x70 | (high & 0x0f)),
    byteHex(low),
    byteHex(0x80 | (variant & 0x3f)),
    ...node.map(byteHex),
  ];
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function byteHex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
