/** Text as a QR code: bytes, correction level M (15 % may be unreadable), versions 1 to 15. */
import { corrections } from './field'
import { type Grid, dataPlaces, drawFormat, emptyGrid } from './layout'
import { penalty } from './penalty'

/** Correcting bytes of a block, and number of blocks, for level M by version from 1. */
const blocks: readonly (readonly [number, number])[] = [
  [10, 1], [16, 1], [26, 1], [18, 2], [24, 2], [16, 4], [18, 4], [22, 4], [22, 5], [26, 5], [30, 5], [22, 8], [22, 9], [24, 9], [24, 10],
]

const masks: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
]

/** A finished code: `dark[row * size + column]`. Around it belong four modules of light. */
export interface QrCode {
  size: number
  dark: readonly boolean[]
}

/** Makes the smallest code that holds the text; throws when none of ours does (over 412 bytes). */
export function encodeQr(text: string): QrCode {
  const bytes = [...new TextEncoder().encode(text)]
  for (let version = 1; version <= blocks.length; version++) {
    const grid = emptyGrid(version)
    const places = dataPlaces(grid)
    const [correcting, count] = blocks[version - 1] ?? [0, 1]
    const room = Math.floor(places.length / 8) - correcting * count
    if (bytes.length + (version < 10 ? 2 : 3) > room) continue
    return best(grid, places, interleaved(packed(bytes, version, room), correcting, count))
  }
  throw new RangeError('too long for a QR code of ours')
}

/** The bytes with mode and length before them, filled up to all the room. */
function packed(bytes: readonly number[], version: number, room: number): number[] {
  const bits: number[] = []
  const put = (value: number, length: number) => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >>> at) & 1)
  }
  put(4, 4)
  put(bytes.length, version < 10 ? 8 : 16)
  bytes.forEach((byte) => {
    put(byte, 8)
  })
  // The end is four zeros, where the last byte has room for them.
  put(0, 4)
  const data = Array.from({ length: bytes.length + (version < 10 ? 2 : 3) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
  )
  for (let filler = 0xec; data.length < room; filler ^= 0xec ^ 0x11) data.push(filler)
  return data
}

/** Cut into blocks, each with its corrections, then a byte of each in turn. */
function interleaved(data: readonly number[], correcting: number, count: number): number[] {
  const short = Math.floor(data.length / count)
  const shortOnes = count - (data.length % count)
  let begin = 0
  const parts = Array.from({ length: count }, (_, at) => {
    const part = data.slice(begin, begin + short + (at < shortOnes ? 0 : 1))
    begin += part.length
    return part
  })
  const mending = parts.map((part) => corrections(part, correcting))
  return [...inTurn(parts), ...inTurn(mending)]
}

function inTurn(parts: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...parts.map((part) => part.length))
  return Array.from({ length: longest }, (_, at) => parts.flatMap((part) => part.slice(at, at + 1))).flat()
}

/** The code under the mask that readers find easiest. */
function best(grid: Grid, places: readonly number[], bytes: readonly number[]): QrCode {
  const { size } = grid
  let found: QrCode | null = null
  let least = Infinity
  masks.forEach((mask, number) => {
    const drawn: Grid = { size, dark: [...grid.dark], fixed: grid.fixed.slice() }
    places.forEach((place, at) => {
      const bit = ((bytes[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1
      drawn.dark[place] = (bit === 1) !== mask(Math.floor(place / size), place % size)
    })
    drawFormat(drawn, number)
    const cost = penalty(drawn.dark, size)
    if (cost >= least) return
    least = cost
    found = { size, dark: drawn.dark }
  })
  return found ?? { size, dark: grid.dark }
}
