/** From activities to what is drawn: lanes by place, the shapes on them, day and night behind them. */
import { computed, reactive, type ComputedRef, type Ref } from 'vue'
import type { Activity, Site, Source } from '@/api/types'
import { sunAltitude } from '@/sky/astronomy'
import { barsOf, type Bar } from './bars'
import { groupsOf, type LaneGroup } from './lanes'
import { keptShapes, shapesOf, type Scale, type Shape } from './layout'
import { darknessAt, type Darkness } from './night'
import { shadesOf, type Shade } from './shading'
import type { RovingLane } from './useRoving'

const MINUTE = 60_000

export interface Drawing {
  groups: ComputedRef<LaneGroup[]>
  isOpen: (group: LaneGroup) => boolean
  /** Opens a folded group and folds an open one. */
  fold: (group: LaneGroup) => void
  /** The lanes in sight with their shapes, from top to bottom. */
  drawn: ComputedRef<RovingLane[]>
  shapesIn: (facility: string) => Shape[]
  shapeAt: (key: string) => Shape | undefined
  shadesOver: (group: LaneGroup) => Shade[]
  /** How dark it is at the site of a group now; null in space. */
  darknessNow: (group: LaneGroup) => Darkness | null
}

/** What is drawn of a list. What runs by report is judged once a minute: the clock must not lay everything out each second. */
export function useDrawing(
  given: { activities: () => readonly Activity[]; sources: () => readonly Source[]; allOpen: () => boolean },
  sites: Ref<Site[]>,
  scale: ComputedRef<Scale>,
  now: Ref<number>,
): Drawing {
  // What was drawn before is kept, so that only what changed is drawn anew.
  let barsBefore = new Map<string, Bar>()
  let shapesBefore = new Map<string, Shape>()
  const folded = reactive(new Set<string>())
  const minute = computed(() => Math.floor(now.value / MINUTE) * MINUTE)

  const bars = computed(() => {
    const all = barsOf(given.activities(), given.sources(), minute.value, barsBefore)
    barsBefore = new Map(all.map((bar) => [bar.id, bar]))
    return all
  })
  const groups = computed(() => groupsOf(bars.value, sites.value))
  const isOpen = ({ key }: LaneGroup) => given.allOpen() || !folded.has(key)
  const lanes = computed(() => groups.value.filter(isOpen).flatMap((group) => group.lanes))
  const drawn = computed(() => {
    const all = shapesOf(lanes.value, scale.value).map((one) => keptShapes(one, shapesBefore))
    shapesBefore = new Map(all.flat().map((shape) => [shape.key, shape]))
    return lanes.value.map(({ facility }, index) => ({ facility, shapes: all[index] ?? [] }))
  })
  const byFacility = computed(() => new Map(drawn.value.map(({ facility, shapes }) => [facility, shapes])))
  const byKey = computed(() => new Map(drawn.value.flatMap(({ shapes }) => shapes.map((shape) => [shape.key, shape]))))
  const shades = computed(
    () => new Map(groups.value.flatMap(({ key, site }) => (site ? [[key, shadesOf((time) => sunOver(site, time), scale.value)]] : []))),
  )
  return {
    groups,
    isOpen,
    fold: ({ key }) => {
      if (!folded.delete(key)) folded.add(key)
    },
    drawn,
    shapesIn: (facility) => byFacility.value.get(facility) ?? [],
    shapeAt: (key) => byKey.value.get(key),
    shadesOver: ({ key }) => shades.value.get(key) ?? [],
    darknessNow: ({ site }) => site && darknessAt(sunOver(site, minute.value)),
  }
}

function sunOver(site: Site, time: number): number {
  return sunAltitude(site.latitude_deg, site.longitude_deg, time)
}
