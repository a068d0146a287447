/** The board in three parts, each shown short at first. */
import type { Activity } from '@/api/types'
import type { Place } from './place'

/** A part of the board; `learned` is what became known of a moment of the past later. */
export type Part = Place | 'learned'

/** A part with its rows. */
export interface Group {
  place: Part
  /** All of it, in feed order. */
  all: Activity[]
  /** What is shown of it. */
  shown: Activity[]
}

/** What comes next that is shown at first. */
const NEXT_AT_FIRST = 8
/** Cards added by each “show more”. */
export const STEP = 60

/**
 * The parts with what is shown of them: all that is now, the first of what comes next, the newest of each telescope of
 * what was last known; `opened` tells how many cards a reader asked for, by part. A part nobody is placed in is left
 * out unless it is one of `always`.
 */
export function groupsOf(
  activities: readonly Activity[],
  placed: (activity: Activity) => Part,
  opened: Partial<Record<Part, number>>,
  always: readonly Part[] = ['now', 'next', 'last'],
): Group[] {
  const all: Record<Part, Activity[]> = { now: [], learned: [], next: [], last: [] }
  for (const activity of activities) all[placed(activity)].push(activity)
  const first: Record<Part, Activity[]> = {
    now: all.now.slice(0, STEP),
    learned: all.learned.slice(0, STEP),
    next: all.next.slice(0, NEXT_AT_FIRST),
    last: newestOfEach(all.last),
  }
  return (['now', 'learned', 'next', 'last'] as const)
    .filter((place) => always.includes(place) || all[place].length > 0)
    .map((place) => {
      const asked = opened[place] ?? 0
      return { place, all: all[place], shown: asked > 0 ? all[place].slice(0, asked) : first[place] }
    })
}

/** The first of each telescope, in the order given. */
export function newestOfEach(activities: readonly Activity[]): Activity[] {
  const seen = new Set<string>()
  return activities.filter(({ facility_name: name }) => !seen.has(name) && Boolean(seen.add(name)))
}
