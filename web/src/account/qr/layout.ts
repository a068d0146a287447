/** Where things stand in a QR code (ISO/IEC 18004): finders, timing, alignment, format; and the order of the data. */

/** Dark or light; what belongs to the pattern itself rather than to the data is fixed. */
export interface Grid {
  size: number
  dark: boolean[]
  fixed: boolean[]
}

/** A grid of a version (1 to 40) with all that does not depend on the data. */
export function emptyGrid(version: number): Grid {
  const size = 17 + 4 * version
  const grid: Grid = { size, dark: new Array<boolean>(size * size).fill(false), fixed: new Array<boolean>(size * size).fill(false) }
  for (let at = 0; at < size; at++) {
    fix(grid, 6, at, at % 2 === 0)
    fix(grid, at, 6, at % 2 === 0)
  }
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) finder(grid, row, column)
  for (const [row, column] of alignments(version, size)) square(grid, row, column, 2, (ring) => ring !== 1)
  drawFormat(grid, 0)
  if (version >= 7) drawVersion(grid, version)
  return grid
}

function fix(grid: Grid, row: number, column: number, dark: boolean): void {
  if (row < 0 || column < 0 || row >= grid.size || column >= grid.size) return
  grid.dark[row * grid.size + column] = dark
  grid.fixed[row * grid.size + column] = true
}

/** Rings around a centre, each all dark or all light. */
function square(grid: Grid, row: number, column: number, radius: number, isDark: (ring: number) => boolean): void {
  for (let down = -radius; down <= radius; down++) {
    for (let right = -radius; right <= radius; right++) {
      fix(grid, row + down, column + right, isDark(Math.max(Math.abs(down), Math.abs(right))))
    }
  }
}

function finder(grid: Grid, row: number, column: number): void {
  square(grid, row, column, 4, (ring) => ring !== 2 && ring !== 4)
}

function alignments(version: number, size: number): [number, number][] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  // Evenly spaced from the far end, in even steps; what is left over goes next to the first.
  const step = version === 32 ? 26 : Math.ceil((size - 13) / (2 * count - 2)) * 2
  const places = [6, ...Array.from({ length: count - 1 }, (_, at) => size - 7 - at * step).reverse()]
  const last = size - 7
  const isFinder = (row: number, column: number) =>
    (row === 6 && column === 6) || (row === 6 && column === last) || (row === last && column === 6)
  return places.flatMap((row) => places.filter((column) => !isFinder(row, column)).map((column): [number, number] => [row, column]))
}

/** The remainder of a polynomial over two elements, appended to it. */
function withRemainder(value: number, divisor: number, bits: number): number {
  let rest = value
  for (let at = 0; at < bits; at++) rest = (rest << 1) ^ ((rest >>> (bits - 1)) & 1 ? divisor : 0)
  return (value << bits) | (rest & ((1 << bits) - 1))
}

/** Writes which mask is used, with correction level M (its bits are 00), in both places. */
export function drawFormat(grid: Grid, mask: number): void {
  const bits = withRemainder(mask, 0x537, 10) ^ 0x5412
  const { size } = grid
  for (let at = 0; at < 15; at++) {
    const dark = ((bits >>> at) & 1) === 1
    // Once around the first finder, skipping the timing lines,
    const [row, column] = at < 6 ? [at, 8] : at < 8 ? [at + 1, 8] : at === 8 ? [8, 7] : [8, 14 - at]
    fix(grid, row, column, dark)
    // and once split between the other two.
    if (at < 8) fix(grid, 8, size - 1 - at, dark)
    else fix(grid, size - 15 + at, 8, dark)
  }
  fix(grid, size - 8, 8, true)
}

function drawVersion(grid: Grid, version: number): void {
  const bits = withRemainder(version, 0x1f25, 12)
  for (let at = 0; at < 18; at++) {
    const dark = ((bits >>> at) & 1) === 1
    const far = grid.size - 11 + (at % 3)
    const near = Math.floor(at / 3)
    fix(grid, far, near, dark)
    fix(grid, near, far, dark)
  }
}

/** The places of the data bits, in their order: columns in pairs from the right, upwards and downwards in turn. */
export function dataPlaces({ size, fixed }: Grid): number[] {
  const places: number[] = []
  let upwards = true
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      const row = upwards ? size - 1 - step : step
      for (const column of [right, right - 1]) {
        const place = row * size + column
        if (!fixed[place]) places.push(place)
      }
    }
    upwards = !upwards
  }
  return places
}
