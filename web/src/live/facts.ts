/** The whole record as rows people read; unknown values are counted, not invented. */
import type { Activity, Source } from '@/api/types'
import { endKinds, fields, panel as words } from '@/messages/panel'
import { valueLabels } from '@/messages/live'
import { formatDuration } from '@/ui/format'

/** How a value is drawn. */
export type Kind = 'text' | 'time' | 'position' | 'mono'

/** A row of the record. */
export interface Fact {
  key: string
  label: string
  kind: Kind
  /** Words, or a timestamp for `time`; null for `position`. */
  value: string
  /** The source's format cut it off. */
  truncated: boolean
}

/** Rows under a heading. */
export interface Facts {
  title: string
  rows: Fact[]
}

/** What is known, in groups, and how many fields are not. */
export function factsOf(activity: Activity, sources: readonly Source[]): { groups: Facts[]; unknown: number } {
  const groups: Facts[] = []
  let unknown = 0
  for (const [title, keys] of GROUPS) {
    const rows = keys.flatMap((key): Fact[] => {
      const value = valueOf(activity, key, sources)
      if (!value) {
        unknown += 1
        return []
      }
      return [{ key, label: fields[key] ?? key, kind: KINDS[key] ?? 'text', value, truncated: activity.truncated.includes(key) }]
    })
    if (rows.length > 0) groups.push({ title, rows })
  }
  return { groups, unknown }
}

const GROUPS: readonly [string, readonly string[]][] = [
  [words.when, ['t_min', 't_max', 't_max_kind', 't_uncertainty', 't_exptime', 't_plan_exptime', 'n_exposures', 't_planning', 'obs_release_date']],
  [words.where, ['position', 's_fov', 'tracking_type', 'site', 'target_class', 'keywords']],
  [words.who, ['proposal_title', 'proposal_pi', 'proposal_id', 'category', 'priority', 'intent', 'role']],
  [words.how, ['instruments', 'instrument_mode', 'band', 'em', 'telescopes']],
  [words.record, ['source', 'obs_collection', 'obs_id', 'group_id', 'attempt', 'revision', 'first_seen', 'last_changed']],
]

const KINDS: Record<string, Kind> = {
  t_min: 'time',
  t_max: 'time',
  t_planning: 'time',
  obs_release_date: 'time',
  first_seen: 'time',
  last_changed: 'time',
  position: 'position',
  obs_id: 'mono',
  group_id: 'mono',
}

function valueOf(activity: Activity, key: string, sources: readonly Source[]): string | null {
  switch (key) {
    case 'position':
      return activity.s_ra == null || activity.s_dec == null ? null : `${activity.s_ra} ${activity.s_dec}`
    case 't_max_kind':
      return activity.t_max_kind ? (endKinds[activity.t_max_kind] ?? activity.t_max_kind) : null
    case 't_uncertainty':
      return activity.t_uncertainty == null ? null : `± ${formatDuration(activity.t_uncertainty)}`
    case 't_exptime':
    case 't_plan_exptime':
      return activity[key] == null ? null : formatDuration(activity[key])
    case 's_fov':
      return activity.s_fov == null ? null : angle(activity.s_fov)
    case 'intent':
    case 'role':
      return activity[key] ? (valueLabels[key]?.[activity[key]] ?? activity[key]) : null
    case 'instruments':
      return activity.instruments
        .map(({ name, mode, filters }) => [name, mode, filters.join(' + ')].filter(Boolean).join(' · '))
        .join('; ')
    case 'em':
      return wavelengths(activity.em_min ?? null, activity.em_max ?? null)
    case 'source':
      return sources.find(({ name }) => name === activity.source)?.title ?? activity.source
    case 'group_id':
      return activity.group_id === activity.obs_id ? null : (activity.group_id ?? null)
    default: {
      const value: unknown = activity[key as keyof Activity]
      if (Array.isArray(value)) return value.join(', ')
      return value == null ? null : String(value)
    }
  }
}

/** An angle in the unit that suits its size: degrees, arcminutes, arcseconds. */
export function angle(degrees: number): string {
  if (degrees >= 1) return `${round(degrees)}°`
  return degrees * 60 >= 1 ? `${round(degrees * 60)}′` : `${round(degrees * 3600)}″`
}

/** A stretch of wavelengths, metres, in the unit that suits it. */
function wavelengths(from: number | null, until: number | null): string | null {
  const ends = [from, until].filter((end) => end !== null)
  if (ends.length === 0) return null
  const [unit, size] = UNITS.find(([, least]) => Math.max(...ends) >= least) ?? ['m', 1]
  return `${ends.map((end) => round(end / size)).join(' – ')} ${unit}`
}

const UNITS: readonly [string, number][] = [
  ['m', 1],
  ['mm', 1e-3],
  ['µm', 1e-6],
  ['nm', 1e-9],
  ['pm', 1e-12],
]

function round(value: number): string {
  return String(Number(value.toPrecision(4)))
}
