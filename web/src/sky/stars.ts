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
}

/** The file: see the script for what its numbers mean. */
interface Packed {
  brightest: number
  counts: readonly number[]
  ra: readonly number[]
  dec: readonly number[]
  lines: readonly (readonly number[])[]
  corners: readonly (readonly number[])[]
}

/** Unpacks the file. */
function unpacked(packed: Packed): StarChart {
  const stars = starsOf(packed)
  const place = (number: number): [number, number] => {
    if (number >= 0) return [...(stars[number] as Star).at]
    const [ra, dec] = packed.corners[-1 - number] as [number, number]
    return [ra / 100, dec / 100]
  }
  return {
    stars,
    lines: { type: 'MultiLineString', coordinates: packed.lines.map((line) => line.map(place)) },
  }
}

function starsOf({ brightest, counts, ra, dec }: Packed): Star[] {
  const stars: Star[] = []
  for (const [step, count] of counts.entries()) {
    let at = 0
    for (let left = count; left > 0; left -= 1) {
      const index = stars.length
      at += ra[index] as number
      stars.push({ at: [at / 100, (dec[index] as number) / 100], magnitude: (brightest + step) / 10 })
    }
  }
  return stars
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

let naming: Promise<readonly ConstellationName[]> | null = null

/** The names of the constellations, fetched once; only a zoomed map shows them. */
export function loadNames(): Promise<readonly ConstellationName[]> {
  naming ??= import('./data/names.json').then((file) =>
    file.default.map(([name, ra, dec, rank]) => ({
      name: String(name),
      at: [Number(ra) / 100, Number(dec) / 100],
      rank: Number(rank),
    })),
  )
  naming.catch(() => {
    naming = null
  })
  return naming
}
