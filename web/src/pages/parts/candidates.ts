/** Names that come near one we do not hold. */
import { asPrefixes, folded } from '@/app/search/suggest'
import { findActivities } from './ask'

/** Activities read for their names. */
const READ = 200
const MOST = 24

/** Targets whose names hold the words of `name`, else those that begin as it does; the nearest first. */
export async function candidatesFor(name: string): Promise<string[]> {
  const byWords = await findActivities({ text: [asPrefixes(name)] }, { most: READ })
  const near = nearest(name, byWords.activities.flatMap(({ target_name: one }) => one ?? []))
  if (near.length > 0) return near
  const beginning = name.trim().slice(0, Math.max(2, Math.ceil(name.trim().length / 2)))
  const byBeginning = await findActivities({ target: [`${beginning.replaceAll('*', '\\*')}*`] }, { most: READ })
  return nearest(name, byBeginning.activities.flatMap(({ target_name: one }) => one ?? []))
}

/** Each name once, those that share the longest beginning with the wanted one first. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const distinct = [...new Map(names.map((name) => [folded(name), name])).values()]
  const shared = (name: string) => common(folded(wanted), folded(name))
  return distinct.sort((a, b) => shared(b) - shared(a) || a.localeCompare(b, 'en', { numeric: true })).slice(0, MOST)
}

function common(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}
