/** What an activity may be drawn as on a lane: never a moment more than its source said. */
import type { Activity, Source } from '@/api/types'
import { endOf, isLate, startOf } from '@/live/place'

/** How a bar looks, which is how much is known of it. */
export type BarKind = 'reported' | 'archived' | 'running' | 'planned' | 'elapsed' | 'aborted'

/** One activity on its lane. Times are milliseconds. */
export interface Bar {
  id: string
  activity: Activity
  kind: BarKind
  start: number
  /** The last moment the source speaks of. */
  end: number
  /** Up to here it is known to have happened and drawn solid; what follows is a plan. Equal to `start` for plans. */
  known: number
  /** The end is a lower bound, or not said at all: drawn without a closing edge. */
  open: boolean
  /** Uncertainty of both times, or 0 where none is stated. */
  margin: number
  /** Its source has not answered when it should have. */
  late: boolean
}

/** The bar of an activity, or null for what has no time and for what is gone from the plan. */
export function barOf(activity: Activity, sources: readonly Source[], now: number): Bar | null {
  const start = startOf(activity)
  const kind = kindOf(activity)
  if (start === null || kind === null) return null
  const said = endOf(activity)
  const late = isLate(activity, sources)
  const running = activity.status === 'in_progress' && kind === 'reported'
  const known = running ? knownUntil(activity, sources, now, start, said) : isKnown(kind) ? (said ?? start) : start
  const end = Math.max(start, said ?? known)
  const open = said === null || activity.t_max_kind === 'lower_bound'
  const margin = Math.max(0, activity.t_uncertainty ?? 0) * 1000
  return { id: activity.id, activity, kind, start, end, known, open, margin, late }
}

/** The bars of a list, without what can't be drawn. Those of `before` that say the same are kept as they are. */
export function barsOf(
  activities: readonly Activity[],
  sources: readonly Source[],
  now: number,
  before: ReadonlyMap<string, Bar> = new Map(),
): Bar[] {
  return activities.flatMap((one) => {
    const bar = barOf(one, sources, now)
    if (!bar) return []
    const held = before.get(bar.id)
    return held?.activity === one && held.known === bar.known && held.end === bar.end && held.late === bar.late ? held : bar
  })
}

/** Whether the bar stands for something known to have happened, as opposed to a plan. */
export function isKnown(kind: BarKind): boolean {
  return kind === 'reported' || kind === 'archived'
}

function kindOf({ status, basis }: Activity): BarKind | null {
  switch (status) {
    case 'in_progress':
      return basis === 'scheduled' ? 'running' : 'reported'
    case 'performed':
      return basis === 'archived' ? 'archived' : 'reported'
    case 'aborted':
      return 'aborted'
    case 'elapsed':
      return 'elapsed'
    case 'scheduled':
    case 'planned':
      return 'planned'
    default:
      return null
  }
}

/** What runs by report is known to run until its source last answered, not until now. */
function knownUntil(
  { source }: Activity,
  sources: readonly Source[],
  now: number,
  start: number,
  said: number | null,
): number {
  const answered = Date.parse(sources.find(({ name }) => name === source)?.last_success ?? '')
  const heard = Number.isNaN(answered) ? now : Math.min(answered, now)
  return Math.max(start, said === null ? heard : Math.min(heard, said))
}
