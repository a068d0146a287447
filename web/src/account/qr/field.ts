/** Arithmetic of QR codes: the field of 256 elements over x⁸ + x⁴ + x³ + x² + 1, and Reed–Solomon codes over it. */

const powers = new Uint8Array(255)
const logs = new Uint8Array(256)
for (let exponent = 0, value = 1; exponent < 255; exponent++) {
  powers[exponent] = value
  logs[value] = exponent
  value = value < 128 ? value * 2 : (value * 2) ^ 0x11d
}

function times(one: number, other: number): number {
  if (one === 0 || other === 0) return 0
  return powers[((logs[one] ?? 0) + (logs[other] ?? 0)) % 255] ?? 0
}

/** The polynomial (x − 1)(x − 2)(x − 4)… of so many factors, highest power first without its leading 1. */
function generator(degree: number): number[] {
  let polynomial = [1]
  for (let factor = 0; factor < degree; factor++) {
    const root = powers[factor] ?? 0
    const shifted = [...polynomial, 0]
    polynomial = shifted.map((value, at) => value ^ times(polynomial[at - 1] ?? 0, root))
  }
  return polynomial.slice(1)
}

/** So many bytes that mend errors in the given ones. */
export function corrections(data: readonly number[], count: number): number[] {
  const divisor = generator(count)
  let rest = new Array<number>(count).fill(0)
  for (const byte of data) {
    const factor = byte ^ (rest[0] ?? 0)
    const shifted = [...rest.slice(1), 0]
    rest = shifted.map((value, at) => value ^ times(divisor[at] ?? 0, factor))
  }
  return rest
}
