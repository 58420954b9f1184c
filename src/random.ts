/** Dice of the platform, for the shells: what is pure takes them as arguments. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
