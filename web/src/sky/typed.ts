/** Reading positions and angles as people type them. */

/** A number of degrees, or why the text is none. */
export type Reading = { value: number } | { fault: 'empty' | 'unreadable' | 'outside' }

const PLAIN = /^[-+]?(\d+\.?\d*|\.\d+)°?$/
/** Three numbers with any of the usual marks between them: 5h 34m 32s, 05:34:32.0, 22° 00′ 52″, +22 0 52. */
const PARTS =
  /^([-+]?)(\d{1,3})\s*[:hd°\s]\s*(\d{1,2}(?:\.\d*)?)\s*(?:[:m'′\s]\s*(?:(\d{1,2}(?:\.\d*)?)\s*(?:s|"|″|'')?)?)?$/i

/** Right ascension, degrees 0 ≤ value < 360, from degrees (`83.63`) or hours, minutes, seconds (`05 34 32`, `5h34m`). */
export function readRa(text: string): Reading {
  const given = tidied(text)
  if (given === '') return { fault: 'empty' }
  if (PLAIN.test(given)) return within(parseFloat(given), 0, 360)
  const hours = sexagesimal(given)
  return hours === null ? { fault: 'unreadable' } : within(hours * (/[d°]/i.test(given) ? 1 : 15), 0, 360)
}

/** Declination, degrees −90 to 90, from degrees (`22.01`) or degrees, minutes, seconds (`+22 00 52`, `-29d0m`). */
export function readDec(text: string): Reading {
  const given = tidied(text)
  if (given === '') return { fault: 'empty' }
  if (PLAIN.test(given)) return within(parseFloat(given), -90, 90)
  const degrees = /h/i.test(given) ? null : sexagesimal(given)
  return degrees === null ? { fault: 'unreadable' } : within(degrees, -90, 90)
}

/** A radius, degrees 0 to 180, from degrees (`2`, `2 deg`), minutes (`30'`) or seconds (`90"`) of arc. */
export function readRadius(text: string): Reading {
  const given = tidied(text)
  if (given === '') return { fault: 'empty' }
  const [, size = '', unit = ''] = /^([-+]?[\d.]+)\s*(°|d|deg|degrees?|'|′|arcmin|"|″|arcsec|)$/i.exec(given) ?? []
  if (!PLAIN.test(size)) return { fault: 'unreadable' }
  const inOneDegree = /^('|′|arcmin)$/i.test(unit) ? 60 : /^("|″|arcsec)$/i.test(unit) ? 3600 : 1
  return within(parseFloat(size) / inOneDegree, 0, 180)
}

/** Signs people paste: a true minus, a comma for the decimal point is left alone as it parts numbers elsewhere. */
const tidied = (text: string): string => text.trim().replace(/[−–]/g, '-').replace(/\s+/g, ' ')

function sexagesimal(text: string): number | null {
  const found = PARTS.exec(text)
  if (!found) return null
  const [, sign, whole = '0', minutes = '0', seconds = '0'] = found
  if (Number(minutes) >= 60 || Number(seconds) >= 60) return null
  const size = Number(whole) + Number(minutes) / 60 + Number(seconds) / 3600
  return sign === '-' ? -size : size
}

const within = (value: number, least: number, most: number): Reading =>
  value >= least && value <= most ? { value } : { fault: 'outside' }
