/** Stars to magnitude 5 and the lines and names of constellations; made by `scripts/sky-data.mjs`. */
import type { Position } from './sphere'

/** A star: ICRS degrees and visual magnitude. */
export interface Star {
  at: Position
  magnitude: number
}

/** The name of a constellation; rank 1 is well known, 3 hardly. */
export interface ConstellationName {
  name: string
  at: Position
  rank: number
}

/** What the map draws behind the pointings. */
export interface StarChart {
  /** From bright to faint. */
  stars: readonly Star[]
  /** All constellation lines in one piece for d3-geo. */
  lines: { type: 'MultiLineString'; coordinates: [number, number][][] }
  names: readonly ConstellationName[]
  credit: string
}

interface Packed {
  credit: string
  brightest: number
  counts: readonly number[]
  stars: readonly number[]
  lines: readonly (readonly number[])[]
  names: readonly (readonly (string | number)[])[]
}

/** Unpacks the file: hundredths of degrees, and counts of stars for each tenth of a magnitude. */
export function unpacked(packed: Packed): StarChart {
  const magnitudes = packed.counts.flatMap((count, step) => Array<number>(count).fill((packed.brightest + step) / 10))
  return {
    stars: pairs(packed.stars).map((at, index) => ({ at, magnitude: magnitudes[index] ?? 5 })),
    lines: { type: 'MultiLineString', coordinates: packed.lines.map(pairs) },
    names: packed.names.map(([name, ra, dec, rank]) => ({
      name: String(name),
      at: [Number(ra) / 100, Number(dec) / 100],
      rank: Number(rank),
    })),
    credit: packed.credit,
  }
}

function pairs(numbers: readonly number[]): [number, number][] {
  const found: [number, number][] = []
  for (let place = 0; place + 1 < numbers.length; place += 2) {
    found.push([(numbers[place] as number) / 100, (numbers[place + 1] as number) / 100])
  }
  return found
}

let loading: Promise<StarChart> | null = null

/** Fetches the file once; it comes after the map's own code, so that the map is there first. */
export function loadStars(): Promise<StarChart> {
  loading ??= import('./data/sky.json').then((file) => unpacked(file.default))
  loading.catch(() => {
    loading = null
  })
  return loading
}
