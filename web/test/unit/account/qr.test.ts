import { describe, expect, it } from 'vitest'
import { encodeQr } from '@/account/qr/encode'
import { corrections } from '@/account/qr/field'

const rows = (text: string) => {
  const { size, dark } = encodeQr(text)
  return Array.from({ length: size }, (_, row) =>
    dark
      .slice(row * size, (row + 1) * size)
      .map((one) => (one ? '#' : '.'))
      .join(''),
  )
}

describe('a QR code', () => {
  it('corrects errors as the standard’s own example does', () => {
    // ISO/IEC 18004, annex I: “01234567” in version 1-M.
    const data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11]
    const expected = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55]
    expect(corrections(data, 10)).toEqual(expected)
  })

  it('is as small as the text allows', () => {
    const sizes = ['a'.repeat(14), 'a'.repeat(15), 'a'.repeat(106), 'a'.repeat(107), 'a'.repeat(412)].map((text) => encodeQr(text).size)
    expect(sizes).toEqual([21, 25, 41, 45, 77])
  })

  it('refuses what it has no room for', () => {
    expect(() => encodeQr('a'.repeat(413))).toThrow(RangeError)
  })

  it('has its three finders, and none in the fourth corner', () => {
    const grid = rows('otpauth://totp/Starboard')
    const corner = ['#######.', '#.....#.', '#.###.#.', '#.###.#.', '#.###.#.', '#.....#.', '#######.', '........']
    expect(grid.slice(0, 8).map((row) => row.slice(0, 8))).toEqual(corner)
    expect(grid.slice(0, 8).map((row) => [...row.slice(-8)].reverse().join(''))).toEqual(corner)
    expect(grid.slice(-8).map((row) => row.slice(0, 8)).reverse()).toEqual(corner)
    expect(grid.slice(-7).map((row) => row.slice(-7))).not.toEqual(corner.slice(0, 7).map((row) => row.slice(0, 7)))
  })

  it('says twice, in the same bits, level M and which mask it wears', () => {
    const grid = rows('otpauth://totp/Starboard:astronomer@example.org?secret=ABC')
    const at = (row: number, column: number) => (grid[row]?.[column] === '#' ? 1 : 0)
    const size = grid.length
    const first = [...[0, 1, 2, 3, 4, 5, 7, 8].map((row) => at(row, 8)), ...[7, 5, 4, 3, 2, 1, 0].map((column) => at(8, column))]
    const second = [...Array.from({ length: 8 }, (_, n) => at(8, size - 1 - n)), ...Array.from({ length: 7 }, (_, n) => at(size - 7 + n, 8))]
    expect(second).toEqual(first)
    const bits = first.reduce<number>((sum, bit, place) => sum + bit * 2 ** place, 0) ^ 0x5412
    expect(bits >>> 13).toBe(0)
  })
})
