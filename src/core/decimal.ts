/**
 * Numbers as JSON writes them, compared by their exact value. A double keeps 15 digits: 64-bit ids and long fractions
 * that differ become the same double, so whatever a double cannot tell apart is compared digit by digit.
 */

const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Whether the text is a number as JSON writes it. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text);
}

/** Below, at or above 0, as `a` is less than, equal to or greater than `b`. Both are numbers as JSON writes them. */
export function compareNumbers(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  // Rounding to a double never changes the order of two numbers, it only makes some equal.
  if (x !== y) return x < y ? -1 : 1;
  return a === b ? 0 : compareDigits(a, b);
}

/** Whether the number survives being read as a double and written again. */
export function isExact(text: string): boolean {
  const double = Number(text);
  return Number.isFinite(double) && (double === 0 || compareDigits(text, String(double)) === 0);
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [decimalOf(a), decimalOf(b)];
  if (x.sign !== y.sign) return x.sign - y.sign;
  if (x.magnitude !== y.magnitude) return x.magnitude < y.magnitude ? -x.sign : x.sign;
  return x.digits === y.digits ? 0 : x.digits < y.digits ? -x.sign : x.sign;
}

/** `sign` × 0.`digits` × 10^`magnitude`; the digits neither begin nor end with 0. */
interface Decimal {
  readonly sign: -1 | 0 | 1;
  readonly digits: string;
  readonly magnitude: number;
}

function decimalOf(text: string): Decimal {
  const [, minus, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const all = whole + fraction;
  const digits = withoutZeros(all);
  if (digits === '') return { sign: 0, digits, magnitude: 0 };
  const leading = all.length - all.replace(/^0+/, '').length;
  return { sign: minus === '-' ? -1 : 1, digits, magnitude: whole.length - leading + Number(exponent) };
}

/** Without zeros at either end; `/0+$/` alone would try each zero of a long run anew. */
function withoutZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end -= 1;
  return digits.slice(0, end).replace(/^0+/, '');
}
