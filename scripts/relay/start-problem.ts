/** Why the relay does not start, told to whoever started it. */
export class StartProblem extends Error {
  override name = 'StartProblem';
}
