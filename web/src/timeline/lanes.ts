/** Which lanes there are: a facility each, grouped by its site or as space. */
import type { Site } from '@/api/types'
import type { Bar } from './bars'

/** Rows of overlapping bars a lane may have; what does not fit shares the last one. */
export const MOST_ROWS = 3

/** A bar with its row on the lane, from 0. */
export interface PlacedBar {
  bar: Bar
  row: number
}

/** One facility. */
export interface Lane {
  facility: string
  title: string | null
  /** In the order of their starts. */
  bars: PlacedBar[]
  rows: number
}

/** The lanes of one site, or of space. */
export interface LaneGroup {
  /** Key of the site, or `space`. */
  key: string
  /** Null in space, and for a site we hold no coordinates of. */
  site: Site | null
  lanes: Lane[]
}

/** Lanes by site in the order of the sites' names, space first; facilities within by name. */
export function groupsOf(bars: readonly Bar[], sites: readonly Site[]): LaneGroup[] {
  const groups = new Map<string, Map<string, Bar[]>>()
  for (const bar of bars) {
    const key = bar.activity.site ?? 'space'
    const lanes = groups.get(key) ?? new Map<string, Bar[]>()
    groups.set(key, lanes)
    const { facility_name: facility } = bar.activity
    const lane = lanes.get(facility)
    if (lane) lane.push(bar)
    else lanes.set(facility, [bar])
  }
  return [...groups]
    .map(([key, lanes]) => {
      const site = sites.find((one) => one.key === key) ?? null
      return { key, site, lanes: [...lanes].map(([facility, own]) => laneOf(facility, own, site)).sort(byName) }
    })
    .sort((a, b) => rank(a).localeCompare(rank(b)))
}

/**
 * Puts each bar on the first row that is free: primes first, so that what runs beside them lies below.
 * Rows follow from all bars of the lane, so they do not jump while the window moves.
 */
export function placeBars(bars: readonly Bar[]): PlacedBar[] {
  const rows: Bar[][] = []
  const placed: PlacedBar[] = []
  const inOrder = [...bars].sort(
    (a, b) => Number(isBeside(a)) - Number(isBeside(b)) || a.start - b.start || a.end - b.end,
  )
  for (const bar of inOrder) {
    const free = rows.findIndex((row) => !row.some((other) => bar.start < other.end && other.start < bar.end))
    const row = free >= 0 ? free : Math.min(rows.length, MOST_ROWS - 1)
    ;(rows[row] ??= []).push(bar)
    placed.push({ bar, row })
  }
  return placed.sort((a, b) => a.bar.start - b.bar.start || a.row - b.row)
}

function laneOf(facility: string, own: Bar[], site: Site | null): Lane {
  const bars = placeBars(own)
  const title = site?.telescopes.find(({ name }) => name === facility)?.title ?? null
  return { facility, title, bars, rows: Math.max(1, ...bars.map(({ row }) => row + 1)) }
}

function isBeside({ activity }: Bar): boolean {
  return activity.role !== 'prime'
}

function byName(a: Lane, b: Lane): number {
  return a.facility.localeCompare(b.facility, 'en', { numeric: true })
}

function rank(group: LaneGroup): string {
  return group.key === 'space' ? '' : (group.site?.name ?? group.key)
}
