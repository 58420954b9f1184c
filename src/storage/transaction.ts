/** Runs some writes so that a throw undoes them. One may lie within another. */
export type Transaction = <T>(work: () => T) => T;
