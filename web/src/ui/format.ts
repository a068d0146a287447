/** How times, spans and coordinates are written, everywhere alike. */
import { unknown } from '@/messages/frame'

const MINUTE_S = 60
const HOUR_S = 3600
const DAY_S = 86_400

function millis(at: number | string): number {
  return typeof at === 'number' ? at : Date.parse(at)
}

const two = (n: number) => String(n).padStart(2, '0')

/** `2026-11-21 03:14 UTC`, of a timestamp or of milliseconds. */
export function formatUtc(at: number | string): string {
  const ms = millis(at)
  if (!Number.isFinite(ms)) return unknown.time
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-11-21 04:14 GMT+1`: the same in the visitor's zone, or in the given one. */
export function formatLocal(at: number | string, timeZone?: string): string {
  const ms = millis(at)
  if (!Number.isFinite(ms)) return unknown.time
  const parts = new Intl.DateTimeFormat('en-GB', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).formatToParts(ms)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`
}

/** `5 min ago`, `in 2 h`, `just now`: an instant seen from another, both in milliseconds or as timestamps. */
export function formatRelative(at: number | string, now: number): string {
  const seconds = Math.round((millis(at) - now) / 1000)
  if (!Number.isFinite(seconds)) return unknown.time
  const away = Math.abs(seconds)
  if (away < 30) return seconds > 0 ? 'in a moment' : 'just now'
  return seconds < 0 ? `${rough(away)} ago` : `in ${rough(away)}`
}

/** The largest unit alone, rounded down beyond an hour so that nothing is aged before its time. */
function rough(seconds: number): string {
  if (seconds < 50 * MINUTE_S + 30) return `${String(Math.max(1, Math.round(seconds / MINUTE_S)))} min`
  if (seconds < HOUR_S) return '1 h'
  if (seconds < 2 * DAY_S) return `${String(Math.floor(seconds / HOUR_S))} h`
  return `${String(Math.floor(seconds / DAY_S))} d`
}

/** `45 s`, `12 min`, `1 h 10 min`, `2 d 3 h`: a span of seconds, to its two largest units. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return unknown.value
  const sign = seconds < 0 ? '−' : ''
  const span = Math.round(Math.abs(seconds))
  if (span < 2 * MINUTE_S) return `${sign}${String(span)} s`
  const minutes = Math.round(span / MINUTE_S)
  if (minutes < 60) return `${sign}${String(minutes)} min`
  if (minutes < 24 * 60) return sign + pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.round(span / HOUR_S)
  return sign + pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

function pair(large: number, unit: string, small: number, of: string): string {
  return small === 0 ? `${String(large)} ${unit}` : `${String(large)} ${unit} ${String(small)} ${of}`
}

/** `00h 42m 44.33s`: right ascension of ICRS degrees, which may lie outside 0 to 360. */
export function formatRa(degrees: number): string {
  if (!Number.isFinite(degrees)) return unknown.value
  const turned = ((degrees % 360) + 360) % 360
  // In hundredths of a second of time, so that 59.999 s carries into the minute.
  const cents = Math.round(turned * 24_000) % 8_640_000
  const seconds = (cents % 6000) / 100
  const minutes = Math.floor(cents / 6000)
  return `${two(Math.floor(minutes / 60))}h ${two(minutes % 60)}m ${seconds.toFixed(2).padStart(5, '0')}s`
}

/** `+41° 16′ 07.7″`: declination, or any latitude, of degrees. */
export function formatDec(degrees: number): string {
  if (!Number.isFinite(degrees)) return unknown.value
  const tenths = Math.round(Math.abs(degrees) * 36_000)
  const seconds = (tenths % 600) / 10
  const minutes = Math.floor(tenths / 600)
  const sign = degrees < 0 && tenths > 0 ? '−' : '+'
  return `${sign}${two(Math.floor(minutes / 60))}° ${two(minutes % 60)}′ ${seconds.toFixed(1).padStart(4, '0')}″`
}

/** Decimal degrees with four places, `+41.2688`; the sign only where one is wanted. */
export function formatDegrees(degrees: number, signed = false): string {
  if (!Number.isFinite(degrees)) return unknown.value
  const digits = Math.abs(degrees).toFixed(4)
  const negative = degrees < 0 && Number(digits) !== 0
  return (negative ? '−' : signed ? '+' : '') + digits
}

const RAD = Math.PI / 180
/** North galactic pole in ICRS, and the galactic longitude of the north celestial pole, degrees. */
const POLE = { ra: 192.85948, dec: 27.12825, node: 122.93192 }

/** Galactic longitude and latitude in degrees, of ICRS degrees. */
export function toGalactic(ra: number, dec: number): { l: number; b: number } {
  const away = (ra - POLE.ra) * RAD
  const [sinDec, cosDec] = [Math.sin(dec * RAD), Math.cos(dec * RAD)]
  const [sinPole, cosPole] = [Math.sin(POLE.dec * RAD), Math.cos(POLE.dec * RAD)]
  const sinB = sinDec * sinPole + cosDec * cosPole * Math.cos(away)
  const around = Math.atan2(cosDec * Math.sin(away), sinDec * cosPole - cosDec * sinPole * Math.cos(away))
  const l = POLE.node - around / RAD
  return { l: ((l % 360) + 360) % 360, b: Math.asin(Math.min(1, Math.max(-1, sinB))) / RAD }
}
