/** Words of the live page, its filter and its panel. */
import type { FilterKey } from '@/live/filter'

/** What may be said of an activity, by its status and basis. */
export const claims: Record<string, string> = {
  'in_progress reported': 'in progress, reported',
  'in_progress scheduled': 'in progress, by plan',
  'scheduled scheduled': 'scheduled, by plan',
  'scheduled reported': 'scheduled, reported',
  'planned scheduled': 'planned, without a time yet',
  'elapsed scheduled': 'planned end has passed, outcome unknown',
  'performed archived': 'done, archived',
  'performed reported': 'done, reported',
  'aborted reported': 'did not happen as planned, reported',
  'aborted archived': 'did not happen as planned, archived',
  'withdrawn scheduled': 'withdrawn from the plan',
}

/** What each key of the filter is about. */
export const keyLabels: Record<FilterKey, string> = {
  text: 'Words',
  target: 'Target',
  facility: 'Facility',
  instrument: 'Instrument',
  proposal: 'Programme',
  pi: 'PI',
  intent: 'Intent',
  status: 'State',
  basis: 'How it is known',
  band: 'Band',
  class: 'Ground or space',
  site: 'Site',
  source: 'Source',
  role: 'Role',
  tracking: 'Tracking',
  category: 'Category',
  target_class: 'Class of target',
  pos: 'Region',
  from: 'From',
  to: 'Until',
  at: 'At',
  min_exptime: 'Exposure of at least',
  visible_from: 'Visible from',
  min_alt: 'Least altitude',
  sun_below: 'Sun below',
  visible_when: 'Visible when',
}

/** Values of the filter as people read them. */
export const valueLabels: Partial<Record<FilterKey, Record<string, string>>> = {
  intent: {
    science: 'science',
    calibration: 'calibration',
    acquisition: 'acquisition',
    engineering: 'engineering',
    null: 'intent unknown',
  },
  status: {
    in_progress: 'in progress',
    scheduled: 'scheduled',
    planned: 'planned, no time yet',
    performed: 'done',
    elapsed: 'planned end passed',
    aborted: 'aborted',
    withdrawn: 'withdrawn',
  },
  basis: { reported: 'reported', scheduled: 'by plan', archived: 'archived' },
  class: { ground: 'on the ground', space: 'in space' },
  role: { prime: 'prime', coordinated_parallel: 'coordinated parallel', pure_parallel: 'pure parallel' },
  visible_when: { activity: 'while it is observed', next24h: 'within 24 hours' },
}

/** Pieces of a filter in words. */
export const filterWords = {
  everything: 'everything',
  or: ' or ',
  above: (degrees: string) => `at least ${degrees}° high`,
  sunBelow: (degrees: string) => `Sun below ${degrees}°`,
  circle: (ra: number, dec: number, radius: number) => `within ${short(radius)}° of ${short(ra)}, ${dec < 0 ? '−' : '+'}${short(Math.abs(dec))}`,
  polygon: (corners: number) => `polygon of ${corners} corners`,
  range: (edges: readonly string[]) => `RA ${edges[0] ?? '?'}° to ${edges[1] ?? '?'}°, Dec ${edges[2] ?? '?'}° to ${edges[3] ?? '?'}°`,
  sentence: {
    text: (words: string) => `“${words}”`,
    target: (words: string) => `target ${words}`,
    instrument: (words: string) => `with ${words}`,
    proposal: (words: string) => `programme ${words}`,
    pi: (words: string) => `PI ${words}`,
    site: (words: string) => `at ${words}`,
    source: (words: string) => `told by ${words}`,
    from: (words: string) => `from ${words}`,
    to: (words: string) => `until ${words}`,
    at: (words: string) => `at ${words}`,
    min_exptime: (words: string) => `exposure of at least ${words} s`,
    visible_from: (words: string) => `visible from ${words}`,
  } as Partial<Record<FilterKey, (words: string) => string>>,
}

function short(value: number): string {
  return String(Math.round(value * 1e4) / 1e4)
}
