/**
 * Time stamps as text. A provider's own text is kept as it came: seven digits of a second do not fit a Date.
 */
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;

export function isRfc3339(text: string): boolean {
  const match = RFC_3339.exec(text);
  if (match === null) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offsetHour = 0, offsetMinute = 0] =
    match.slice(1).map((digits: string | undefined) => Number(digits ?? 0));
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 && // a leap second
    offsetHour <= 23 &&
    offsetMinute <= 59
  );
}

/** When an event happened: the provider's own text if it names a time, else `receivedAt`. */
export function occurredAt(text: string | null, receivedAt: string): string {
  if (text === null || !isRfc3339(text)) return receivedAt;
  // Year 0001 is what .NET writes for "never".
  return Number(text.slice(0, 4)) <= 1 ? receivedAt : text;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
