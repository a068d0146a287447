/** Where on the sky the activities of one name point. */
import type { Activity } from '@/api/types'
import { separation, type Position } from '@/sky/geometry'

/** Pointings that lie together. */
export interface PointedPlace {
  /** The position named most often among them, ICRS degrees. */
  ra: number
  dec: number
  count: number
}

/** Pointings nearer than this to one another belong to the same place, degrees: mosaics of large objects step by about so much. */
const TOGETHER = 1.5
const MOVING = 'Solar-system-object-tracking'

/** Some source says that it moves among the stars. */
export function isMoving(activities: readonly Activity[]): boolean {
  return activities.some(({ tracking_type: tracking }) => tracking === MOVING)
}

/** The places a name stands for, the most observed first; activities without coordinates stand for none. */
export function placesOf(activities: readonly Activity[]): PointedPlace[] {
  const groups: Position[][] = []
  for (const { s_ra: ra, s_dec: dec } of activities) {
    if (ra == null || dec == null) continue
    const here: Position = [ra, dec]
    const near = groups.filter((group) => group.some((there) => separation(here, there) < TOGETHER))
    const [first, ...others] = near
    if (!first) groups.push([here])
    else {
      first.push(here, ...others.flat())
      for (const other of others) groups.splice(groups.indexOf(other), 1)
    }
  }
  return groups.map(placeOf).sort((a, b) => b.count - a.count)
}

function placeOf(group: readonly Position[]): PointedPlace {
  const counts = new Map<string, { at: Position; count: number }>()
  for (const at of group) {
    const key = at.map((degrees) => degrees.toFixed(3)).join()
    const held = counts.get(key)
    if (held) held.count += 1
    else counts.set(key, { at, count: 1 })
  }
  const most = [...counts.values()].reduce((best, one) => (one.count > best.count ? one : best))
  return { ra: most.at[0], dec: most.at[1], count: group.length }
}
