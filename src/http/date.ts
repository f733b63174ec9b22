/** A date as HTTP writes it (IMF-fixdate, RFC 9110 5.6.7). Whole seconds. */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const imf = /^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/i;
const rfc850 = /^[a-z]+, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/i;
const asctime = /^[a-z]{3} ([a-z]{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/i;

/** Milliseconds of a date in any of HTTP's three forms; undefined for anything else. */
export function parseHttpDate(text: string): number | undefined {
  let match = imf.exec(text);
  if (match) return time(match[3], match[2], match[1], match[4], match[5], match[6]);
  match = rfc850.exec(text);
  if (match) {
    // A two-digit year more than 50 years ahead lies in the past century (RFC 9110 5.6.7).
    const now = new Date().getUTCFullYear();
    const year = Math.floor(now / 100) * 100 + Number(match[3]);
    return time(String(year > now + 50 ? year - 100 : year), match[2], match[1], match[4], match[5], match[6]);
  }
  match = asctime.exec(text);
  return match ? time(match[6], match[1], match[2], match[3], match[4], match[5]) : undefined;
}

function time(year = '', monthName = '', day = '', hour = '', minute = '', second = ''): number | undefined {
  const month = months.indexOf(monthName.toLowerCase());
  if (month < 0 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const milliseconds = Date.UTC(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  // 31 February would silently become March.
  const midnight = new Date(Date.UTC(Number(year), month, Number(day)));
  return midnight.getUTCDate() === Number(day) && midnight.getUTCMonth() === month ? milliseconds : undefined;
}
