/** A visit of Webb's plan. */
export interface Visit {
  /** `programme:observation:visit`. */
  id: string
  /** Milliseconds. */
  start: number
  minutes: number
  target: string
}

/** Widths of the columns of a report, as its ruler gives them. */
const COLUMNS: [string, number][] = [
  ['VISIT ID', 13],
  ['PCS MODE', 10],
  ['VISIT TYPE', 29],
  ['SCHEDULED START TIME', 20],
  ['DURATION', 11],
  ['SCIENCE INSTRUMENT AND MODE', 50],
  ['TARGET NAME', 31],
  ['CATEGORY', 30],
  ['KEYWORDS', 32],
]

/** A report in the form STScI publishes, composed for a test. */
export function report(visits: Visit[]): string {
  const line = (cells: string[]) => COLUMNS.map(([, width], index) => (cells[index] ?? '').padEnd(width)).join('  ')
  const rows = visits.map(({ id, start, minutes, target }) => {
    const hours = String(Math.floor(minutes / 60)).padStart(2, '0')
    const duration = `00/${hours}:${String(minutes % 60).padStart(2, '0')}:00`
    const from = `${new Date(start).toISOString().slice(0, 19)}Z`
    return line([id, 'FINEGUIDE', 'PRIME TARGETED FIXED', from, duration, 'NIRCam Imaging', target, 'Galaxy', 'Spiral galaxies'])
  })
  const ruler = COLUMNS.map(([, width]) => '-'.repeat(width)).join('  ')
  return ['Visit Information for OP Package 2632500f01', '', line(COLUMNS.map(([name]) => name)), ruler, ...rows, ''].join('\n')
}

/** The name of a report issued today: STScI's begin with the week's first day. */
export function reportName(now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
  return `${day}_report_${day}.txt`
}
