/** Where an activity lies on the sky. */
import type { Activity } from '@/api/types'
import { boundsOf, parseRegion } from './geometry'
import type { Bounds, Circle, Polygon, Region, Union } from './geometry'
import { isPosition } from './sphere'

/** The shape of an activity and a circle around it. */
export interface Footprint {
  shape: Circle | Polygon | Union
  bounds: Bounds
}

const known = new WeakMap<Activity, Footprint | null>()

/**
 * The footprint an activity's source published, if it is more than a point; else the circle of its field of view about
 * the pointing; else the pointing. Null without coordinates: nothing is made up.
 */
export function footprintOf(activity: Activity): Footprint | null {
  const before = known.get(activity)
  if (before !== undefined) return before
  const shape = shapeOf(activity)
  const footprint = shape && { shape, bounds: boundsOf(shape) }
  known.set(activity, footprint)
  return footprint
}

function shapeOf({ s_ra: ra, s_dec: dec, s_fov: fov, s_region: text }: Activity): Footprint['shape'] | null {
  const published = text ? drawn(parseRegion(text)) : null
  if (published && !isPoint(published)) return published
  const isPointing = ra != null && dec != null && isPosition(ra, dec)
  const pointing: Circle | null = isPointing ? { kind: 'circle', ra, dec, radius: 0 } : isPoint(published) ? published : null
  if (!pointing) return null
  return { ...pointing, radius: fov != null && fov > 0 ? Math.min(fov / 2, 180) : 0 }
}

const drawn = (region: Region | null): Footprint['shape'] | null => (region?.kind === 'range' ? null : region)

const isPoint = (region: Footprint['shape'] | null): region is Circle => region?.kind === 'circle' && region.radius === 0
