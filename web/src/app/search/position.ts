import { readDec, readRa } from '@/sky/typed'

/** A position, ICRS degrees. */
export interface Position {
  ra: number
  dec: number
}

/**
 * The position that somebody typed or pasted: `10.68 41.27`, `10.68, +41.27`, `00:42:44 +41:16:08`,
 * `00 42 44 41 16 08`, `0h42m44s +41d16m`. Null when the text is no pair of coordinates.
 */
export function readPosition(text: string): Position | null {
  for (const [first, second] of halves(text.trim())) {
    const [ra, dec] = [readRa(first), readDec(second)]
    if ('value' in ra && 'value' in dec) return { ra: ra.value, dec: dec.value }
  }
  return null
}

/** Where the two numbers part: at the comma, at the sign of the second, or in the middle of an even count of words. */
function halves(text: string): [string, string][] {
  const comma = text.split(/[,;]/)
  if (comma.length > 1) return comma.length === 2 ? [[comma[0] ?? '', comma[1] ?? '']] : []
  const sign = /\s*(?=[-+−–])/.exec(text.slice(1))
  if (sign) return [[text.slice(0, sign.index + 1), text.slice(sign.index + 1)]]
  const words = text.split(/\s+/)
  if (words.length < 2 || words.length % 2 === 1) return []
  const middle = words.length / 2
  return [[words.slice(0, middle).join(' '), words.slice(middle).join(' ')]]
}

/** The path of the page of a position; five places are 0.04 arc seconds. */
export function pathOf({ ra, dec }: Position): string {
  const short = (degrees: number) => String(Number(degrees.toFixed(5)))
  return `/sky/${short(ra)},${short(dec)}`
}
