/** What the API answers in place of a value that is write-only; sent back, it keeps the value. */
export const MASK = '***';
