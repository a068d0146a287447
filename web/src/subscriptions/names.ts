/** Names that are proposed while somebody types: telescopes and their instruments. */
import { computed, type ComputedRef } from 'vue'
import type { Facility } from '@/api/types'
import { useCatalogue } from '@/live/catalogue'

/** A name with what it is called besides. */
export interface Known {
  value: string
  label: string
}

/** The names of telescopes and of their instruments. */
export interface KnownNames {
  facilities: Known[]
  instruments: Known[]
}

/** The names of the catalogue; none until it has come. */
export function useNames(): ComputedRef<KnownNames> {
  const { facilities } = useCatalogue()
  return computed(() => namesOf(facilities.value))
}

/** The names of telescopes and of their instruments, each once. */
export function namesOf(facilities: readonly Pick<Facility, 'name' | 'title' | 'aliases' | 'instruments'>[]): KnownNames {
  const whose = new Map<string, string[]>()
  for (const facility of facilities) {
    for (const { name } of facility.instruments) whose.set(name, [...(whose.get(name) ?? []), facility.name])
  }
  return {
    facilities: facilities.map(({ name, title, aliases }) => ({ value: name, label: [title, ...aliases].join(', ') })),
    instruments: [...whose].map(([value, names]) => ({ value, label: names.slice(0, 4).join(', ') })),
  }
}
