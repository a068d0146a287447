/** Made-up activities spread evenly over the sky; only what the map reads is meant. */
import type { Activity } from '@/api/types'

const STATES = [
  { status: 'in_progress', basis: 'reported' },
  { status: 'in_progress', basis: 'scheduled' },
  { status: 'scheduled', basis: 'scheduled' },
  { status: 'performed', basis: 'archived' },
] as const
const BANDS = ['Radio', 'Millimeter', 'Infrared', 'Optical', 'UV', 'X-ray', 'Gamma-ray']

/** The activity at a place of a golden spiral, `turn` times changed. Every fortieth is in progress. */
export function activity(index: number, turn = 0): Activity {
  const dec = (Math.asin(1 - (2 * ((index % 2000) + 0.5)) / 2000) * 180) / Math.PI
  const ra = (index * 137.507764) % 360
  const state = index % 40 === 0 ? STATES[(index / 40 + turn) % 2] : STATES[2 + ((index + turn) % 2)]
  return {
    id: `bench-${String(index)}`,
    source: 'bench',
    facility_name: `Telescope ${String(index % 17)}`,
    target_name: `Field ${String(index)}`,
    band: [BANDS[index % BANDS.length]],
    s_ra: ra,
    s_dec: dec,
    s_fov: index % 50 === 7 ? 6 : null,
    s_region: index % 50 === 9 ? square(ra, dec) : null,
    t_min: null,
    t_max: null,
    instrument_name: null,
    ...state,
  } as unknown as Activity
}

function square(ra: number, dec: number): string {
  const wide = 3 / Math.max(0.05, Math.cos((dec * Math.PI) / 180))
  const [low, high] = [Math.max(-89, dec - 3), Math.min(89, dec + 3)]
  const [west, east] = [(ra - wide + 360) % 360, (ra + wide) % 360]
  const corners = [west, low, east, low, east, high, west, high]
  return `POLYGON ICRS ${corners.map((angle) => angle.toFixed(4)).join(' ')}`
}
