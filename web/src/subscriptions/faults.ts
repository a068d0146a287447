/** Which part of the form a problem of the server is about. */
import { fieldInWords } from '@/account/fieldWords'
import { ApiProblem } from '@/api/errors'

/** What is wrong with one field. */
export interface Fault {
  /** As the form calls it: `name`, `filter.<key>`, `events`, `mail`, `webhook`, `quiet`, `max_per_hour`, or `form`. */
  field: string
  /** What it takes, in words. */
  text: string
}

/** What the server has against a body; null when the problem is of another kind. `hasMail` tells which channel is first. */
export function faultOf(error: unknown, hasMail: boolean): Fault | null {
  if (!(error instanceof ApiProblem) || error.status !== 400) return null
  return { field: fieldOf(error.field ?? '', hasMail), text: fieldInWords(error) }
}

function fieldOf(path: string, hasMail: boolean): string {
  const channel = /^channels\[(\d+)\]/.exec(path)?.[1]
  if (channel !== undefined) return hasMail && channel === '0' ? 'mail' : 'webhook'
  if (path === 'channels') return 'mail'
  const key = /^filter\.(\w+)/.exec(path)?.[1]
  if (key !== undefined) return `filter.${key}`
  const first = /^\w+/.exec(path)?.[0] ?? ''
  return ['name', 'events', 'quiet', 'max_per_hour', 'once_per', 'filter'].includes(first) ? first : 'form'
}

/** What is wrong with one entry of a file. */
export interface EntryFault {
  /** Its place, from 0. */
  index: number
  detail: string
}

/** What the server has against single entries of a file. */
export function entryFaults(error: ApiProblem): EntryFault[] {
  const { errors } = (error.problem ?? {}) as { errors?: unknown }
  if (!Array.isArray(errors)) return []
  return errors.filter((one: unknown): one is EntryFault => {
    const { index, detail } = (one ?? {}) as Partial<EntryFault>
    return typeof index === 'number' && typeof detail === 'string'
  })
}
