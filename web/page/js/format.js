// Figures as people read them. Every function returns a dash for what is not known.

const NONE = '–';

/** Bits per second: "2.61 Mbit/s". */
export function bitRate(bitsPerSecond) {
  return scaled(bitsPerSecond, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s']);
}

/** Bytes, by powers of 1024: "1.4 GiB". */
export function bytes(count) {
  return scaled(count, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

function scaled(value, base, units) {
  if (!Number.isFinite(value)) return NONE;
  let power = 0;
  while (Math.abs(value) >= base && power < units.length - 1) {
    value /= base;
    power++;
  }
  const digits = power === 0 || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[power]}`;
}

/** A whole number with groups of three digits: "12,345". */
export function count(value) {
  return Number.isFinite(value) ? Math.round(value).toLocaleString('en') : NONE;
}

/** A number with so many digits behind the point, without zeros at its end. */
export function decimal(value, digits = 1) {
  return Number.isFinite(value) ? String(Number(value.toFixed(digits))) : NONE;
}

/** A share of 1: "42 %". */
export function percent(share) {
  if (!Number.isFinite(share)) return NONE;
  return `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

/** A time in seconds by its two largest units: "3 d 4 h", "12 min 5 s". */
export function duration(seconds) {
  if (!Number.isFinite(seconds) || seconds < 0) return NONE;
  const whole = Math.floor(seconds);
  const parts = [[Math.floor(whole / 86400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's']];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return '0 s';
  return parts.slice(first, first + 2).filter(([value]) => value > 0).map(([value, unit]) => `${value} ${unit}`).join(' ');
}

/** Milliseconds: "40 ms", "1.2 s". */
export function milliseconds(value) {
  if (!Number.isFinite(value)) return NONE;
  return value < 1000 ? `${value < 10 ? decimal(value, 1) : Math.round(value)} ms` : `${decimal(value / 1000, 1)} s`;
}

/** A time of day of this machine: "14:03:59". */
export function clock(date) {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':');
}

/** A picture size: "1280 × 720". */
export function size(width, height) {
  return width && height ? `${width} × ${height}` : NONE;
}

/** "1 viewer", "2 viewers". */
export function plural(value, one, many = one + 's') {
  return `${count(value)} ${value === 1 ? one : many}`;
}
