/** How hard a QR code is to read, by the four rules of the standard; less is better. */
export function penalty(dark: readonly boolean[], size: number): number {
  const row = (number: number) => dark.slice(number * size, (number + 1) * size)
  const column = (number: number) => Array.from({ length: size }, (_, at) => dark[at * size + number] ?? false)
  let sum = squares(dark, size) + imbalance(dark)
  for (let number = 0; number < size; number++) {
    for (const line of [row(number), column(number)]) sum += runs(line) + finders(line)
  }
  return sum
}

/** Five or more of one colour in a row. */
function runs(line: readonly boolean[]): number {
  let sum = 0
  let length = 0
  line.forEach((dark, at) => {
    length = at > 0 && dark === line[at - 1] ? length + 1 : 1
    if (length === 5) sum += 3
    else if (length > 5) sum += 1
  })
  return sum
}

/** What looks like a finder pattern with light beside it. */
function finders(line: readonly boolean[]): number {
  const text = line.map((dark) => (dark ? '1' : '0')).join('')
  return 40 * ([...text.matchAll(/(?=10111010000)/g)].length + [...text.matchAll(/(?=00001011101)/g)].length)
}

/** Squares of two by two. */
function squares(dark: readonly boolean[], size: number): number {
  let sum = 0
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const at = row * size + column
      if (dark[at] === dark[at + 1] && dark[at] === dark[at + size] && dark[at] === dark[at + size + 1]) sum += 3
    }
  }
  return sum
}

/** Far from half dark. */
function imbalance(dark: readonly boolean[]): number {
  const share = dark.filter(Boolean).length / dark.length
  return 10 * Math.floor(Math.abs(share - 0.5) * 20)
}
