/** Columns of the table, and how they sort. */
import type { Activity } from '@/api/types'
import { table as words } from '@/messages/activity'
import { endOf, startOf } from './place'

/** A column; `value` is what it sorts by, null last. */
export interface Column {
  key: 'facility' | 'target' | 'instrument' | 'state' | 'start' | 'end' | 'position' | 'programme' | 'pi'
  label: string
  value: (activity: Activity) => string | number | null
}

const STATES = ['in_progress', 'scheduled', 'planned', 'performed', 'elapsed', 'aborted', 'withdrawn']

export const columns: readonly Column[] = [
  { key: 'state', label: words.state, value: ({ status, basis }) => STATES.indexOf(status) * 2 + (basis === 'reported' ? 0 : 1) },
  { key: 'facility', label: words.facility, value: ({ facility_name: name }) => name },
  { key: 'target', label: words.target, value: ({ target_name: name }) => name ?? null },
  { key: 'instrument', label: words.instrument, value: ({ instrument_name: name }) => name ?? null },
  { key: 'start', label: words.start, value: startOf },
  { key: 'end', label: words.end, value: endOf },
  { key: 'position', label: words.position, value: ({ s_ra: ra }) => ra ?? null },
  { key: 'programme', label: words.programme, value: ({ proposal_id: id }) => id ?? null },
  { key: 'pi', label: words.pi, value: ({ proposal_pi: pi }) => pi ?? null },
]

/** What a table is sorted by. */
export interface Sorting {
  key: Column['key']
  descending: boolean
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** The activities sorted by a column, unknown values last either way; as they are without a sorting. */
export function sorted(activities: readonly Activity[], sorting: Sorting | null): Activity[] {
  const column = columns.find(({ key }) => key === sorting?.key)
  if (!sorting || !column) return [...activities]
  const turn = sorting.descending ? -1 : 1
  return activities
    .map((activity) => ({ activity, value: column.value(activity) }))
    .sort(({ value: one }, { value: other }) => {
      if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1
      return turn * (typeof one === 'number' ? one - Number(other) : collator.compare(one, String(other)))
    })
    .map(({ activity }) => activity)
}
