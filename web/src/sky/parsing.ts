/**
 * Reading regions from text: SIA2 `POS` (`CIRCLE`, `POLYGON`, `RANGE`) and `s_region`, which is STC-S in parts: any case,
 * with or without a frame, several polygons in a row, unions in brackets, holes after `NOT`, vertices repeated.
 */
import type { Circle, Polygon, Range, Region, Union } from './geometry'
import { separation, turned } from './sphere'
import type { Position } from './sphere'

/** Frames that are ICRS at our precision, and words of STC-S that say nothing about the place. */
const PASSED_OVER =
  /^(ICRS|J2000|FK5|GSC1|SPHER2|SPHERICAL2|GEOCENTER|TOPOCENTER|BARYCENTER|HELIOCENTER|UNKNOWNREFPOS|UNKNOWNFRAME)$/i
const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/
const ENDLESS = /^[-+]?inf(inity)?$/i
const MOST_NUMBERS = 10_000

/** The region a text means, ICRS degrees; null when it is none or cannot be understood. */
export function parseRegion(text: string): Region | null {
  const words = text.replace(/[()]/g, ' $& ').split(/\s+/).filter(Boolean)
  if (words.length > MOST_NUMBERS) return null
  if (words[0]?.toUpperCase() === 'RANGE') return range(words.slice(1))
  return footprint(words)
}

function footprint(words: string[]): Circle | Polygon | Union | null {
  const parts: (Circle | Polygon)[] = []
  let depth = 0
  let excludesNext = false
  let excludesFrom: number | null = null
  let place = 0
  while (place < words.length) {
    const word = (words[place] as string).toUpperCase()
    place += 1
    if (word === '(') {
      depth += 1
      if (excludesNext && excludesFrom === null) excludesFrom = depth
      if (excludesFrom === depth) excludesNext = false
    } else if (word === ')') {
      if (excludesFrom === depth) excludesFrom = null
      depth = Math.max(0, depth - 1)
    } else if (word === 'NOT') {
      excludesNext = true
    } else if (/^(UNION|POLYGON|CIRCLE|POSITION)$/.test(word)) {
      while (PASSED_OVER.test(words[place] ?? '')) place += 1
      const start = place
      while (NUMBER.test(words[place] ?? '')) place += 1
      const numbers = words.slice(start, place).map(Number)
      if (word === 'UNION') {
        if (numbers.length > 0) return null
        continue
      }
      const part = readPart(word, numbers)
      if (!part) return null
      if (excludesNext || excludesFrom !== null) {
        if (!cutOut(parts, part)) return null
        excludesNext = false
      } else parts.push(part)
    } else return null
  }
  const [first] = parts
  if (!first) return null
  return parts.length === 1 ? first : { kind: 'union', parts }
}

/** Takes a polygon out of the polygon before it. */
function cutOut(parts: (Circle | Polygon)[], hole: Circle | Polygon): boolean {
  const last = parts.at(-1)
  if (last?.kind !== 'polygon' || hole.kind !== 'polygon') return false
  parts[parts.length - 1] = { ...last, holes: [...last.holes, hole.vertices] }
  return true
}

function readPart(word: string, numbers: number[]): Circle | Polygon | null {
  if (!numbers.every(Number.isFinite)) return null
  if (word === 'POLYGON') return polygon(numbers)
  const [ra, dec, radius = 0] = numbers
  if (numbers.length !== (word === 'CIRCLE' ? 3 : 2) || ra === undefined || dec === undefined) return null
  if (Math.abs(dec) > 90 || radius < 0 || radius > 180) return null
  return { kind: 'circle', ra: turned(ra), dec, radius }
}

/** A polygon, or the point that all its vertices are. */
function polygon(numbers: number[]): Circle | Polygon | null {
  if (numbers.length % 2 !== 0) return null
  const given: Position[] = []
  for (let place = 0; place < numbers.length; place += 2) {
    given.push([turned(numbers[place] as number), numbers[place + 1] as number])
  }
  if (given.some(([, dec]) => Math.abs(dec) > 90)) return null
  const vertices = given.filter((at, index) => index === 0 || apart(at, given[index - 1] as Position))
  while (vertices.length > 1 && !apart(vertices[0] as Position, vertices.at(-1) as Position)) vertices.pop()
  const [only] = vertices
  if (only && vertices.length === 1) return { kind: 'circle', ra: only[0], dec: only[1], radius: 0 }
  return vertices.length >= 2 && given.length >= 3 ? { kind: 'polygon', vertices, holes: [] } : null
}

const apart = (a: Position, b: Position): boolean => separation(a, b) > 1e-8

function range(words: string[]): Range | null {
  const ends = [0, 360, -90, 90]
  if (words.length !== 4) return null
  const numbers = words.map((word, place) => {
    if (ENDLESS.test(word)) return word.startsWith('-') === (place % 2 === 0) ? (ends[place] as number) : NaN
    return NUMBER.test(word) ? Number(word) : NaN
  })
  const [ra1 = NaN, ra2 = NaN, dec1 = NaN, dec2 = NaN] = numbers
  const areRight = ra1 >= 0 && ra1 <= 360 && ra2 >= 0 && ra2 <= 360 && dec1 >= -90 && dec2 <= 90 && dec1 <= dec2
  if (!areRight) return null
  // A start at 360 is one at 0, but does not open a span to 360 into the whole circle.
  if (ra1 === 360) return { kind: 'range', ra1: 0, ra2: ra2 === 360 ? 0 : ra2, dec1, dec2 }
  return { kind: 'range', ra1, ra2, dec1, dec2 }
}
