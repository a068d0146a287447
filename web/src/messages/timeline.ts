/** Words of the timeline. */
import type { BarKind } from '@/timeline/bars'

export const timeline = {
  name: 'Timeline',
  space: 'Space',
  earlier: 'Earlier',
  later: 'Later',
  shorter: 'Show less time',
  longer: 'Show more time',
  toNow: 'Now',
  toNowMore: 'Back to now',
  span: 'Time shown',
  controls: 'Time shown on the timeline',
  ownSpan: (hours: number) => (hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} d`),
  empty: 'Nothing with a time to draw.',
  hint: 'Point at a bar or move with the arrow keys to read it. Drag, Shift + wheel or [ and ] move in time, Ctrl + wheel zooms.',
  hintTouch: 'Touch a bar to open it.',
  unknownTarget: 'target not given',
  unknownInstrument: 'instrument not given',
  openEnd: 'end not known yet',
  sourceLate: 'its source is late',
  uncertain: (seconds: number) => `times good to ${seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`}`,
  untimed: (count: number) => `${count} without a time ${count === 1 ? 'is' : 'are'} not drawn.`,
  withdrawn: (count: number) => `${count} withdrawn from the plan ${count === 1 ? 'is' : 'are'} not drawn.`,
  strip: (count: number, span: string) => `${count} activities, ${span}; zoom in`,
  lane: (facility: string, count: number) => `${facility}: ${count} in this span`,
  collapsed: (count: number) => `${count} ${count === 1 ? 'facility' : 'facilities'}`,
} as const

/** Names of the spans of time, by hours. */
export const spanNames: Record<number, string> = {
  1: '1 hour',
  3: '3 hours',
  6: '6 hours',
  12: '12 hours',
  24: '1 day',
  72: '3 days',
  168: '7 days',
  336: '14 days',
}

/** What each look of a bar means. */
export const legend: Record<BarKind | 'open' | 'late' | 'strip' | 'night', string> = {
  reported: 'reported',
  archived: 'archived',
  running: 'in progress, by plan',
  planned: 'scheduled, by plan',
  elapsed: 'planned, outcome unknown',
  aborted: 'did not happen as planned',
  open: 'end not known yet',
  late: 'source late',
  strip: 'many, too short to tell apart',
  night: 'day, twilight, night at the site',
}

/** The sky above a site. */
export const darknessNames = { day: 'day', twilight: 'twilight', night: 'night' } as const
