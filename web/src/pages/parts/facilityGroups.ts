/** Facilities by where they are, and the search among them. */
import type { Facility } from '@/api/types'
import { foldedName } from './record'

/** The facilities of one site, or those in space. */
export interface FacilityPlace {
  /** Key of the site, or `space`. */
  key: string
  site: NonNullable<Facility['site']> | null
  facilities: Facility[]
}

/** Space first, then sites with a source, then the others, each by name; within a place those with a source come first. */
export function groupFacilities(facilities: readonly Facility[]): FacilityPlace[] {
  const groups = new Map<string, FacilityPlace>()
  for (const one of facilities) {
    const key = one.site?.key ?? 'space'
    const group = groups.get(key) ?? { key, site: one.site ?? null, facilities: [] }
    groups.set(key, group)
    group.facilities.push(one)
  }
  for (const group of groups.values()) group.facilities.sort((a, b) => unheard(a) - unheard(b))
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || nameOf(a).localeCompare(nameOf(b)))
}

/** Each word typed is part of one of its names, its site, its groups or its instruments. */
export function isFound(facility: Facility, typed: string): boolean {
  const words = typed.trim().split(/\s+/).map(foldedName).filter(Boolean)
  const names = [
    facility.name,
    facility.title,
    ...facility.aliases,
    ...facility.groups,
    facility.site?.name ?? 'space',
    ...facility.instruments.map(({ name }) => name),
  ].map(foldedName)
  return words.every((word) => names.some((name) => name.includes(word)))
}

/** Some source tells of a facility of this place. */
export function isTold({ facilities }: FacilityPlace): boolean {
  return facilities.some(({ sources }) => sources.length > 0)
}

function unheard({ sources }: Facility): number {
  return sources.length > 0 ? 0 : 1
}

function rank(group: FacilityPlace): number {
  if (group.site === null) return 0
  return isTold(group) ? 1 : 2
}

function nameOf(group: FacilityPlace): string {
  return group.site?.name ?? ''
}
