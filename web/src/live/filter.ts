/** The filter: the contract's keys, in the address of the page and in words. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Filter } from '@/api/types'
import { filterWords, keyLabels, valueLabels } from '@/messages/live'

/** Every key of the filter, in the order in which it is written and read. */
export const KEYS = [
  'text', 'target', 'facility', 'instrument', 'proposal', 'pi', 'intent', 'status', 'basis', 'band', 'class', 'site',
  'source', 'role', 'tracking', 'category', 'target_class', 'pos', 'from', 'to', 'at', 'min_exptime', 'visible_from',
  'min_alt', 'sun_below', 'visible_when',
] as const

/** A key of the filter. */
export type FilterKey = (typeof KEYS)[number]

/** What the board starts with: science, and what does not say what it is for. */
export const SCIENCE: readonly string[] = ['science', 'null']

/** Says in an address that every intent is wanted, so that leaving the default out differs from never having chosen. */
export const ANY = 'any'

/** Keys that only qualify another one and go with it. */
const COMPANIONS: Partial<Record<FilterKey, readonly FilterKey[]>> = {
  visible_from: ['min_alt', 'sun_below', 'visible_when'],
}

/** The filter an address asks for. What is no key of the filter is left alone. */
export function filterFromQuery(query: LocationQuery): Filter {
  const filter: Filter = {}
  for (const key of KEYS) {
    const values = [query[key] ?? []].flat().filter((value): value is string => Boolean(value?.trim()))
    const distinct = [...new Set(values.map((value) => value.trim()))]
    if (distinct.length > 0 && !(key === 'intent' && distinct.includes(ANY))) filter[key] = distinct
  }
  return filter
}

/** The filter as part of an address; the reverse of `filterFromQuery`. */
export function queryFromFilter(filter: Filter): LocationQueryRaw {
  const query: LocationQueryRaw = {}
  for (const key of KEYS) {
    const values = filter[key]
    if (values && values.length > 0) query[key] = values.length === 1 ? values[0] : [...values]
    else if (key === 'intent') query[key] = ANY
  }
  return query
}

/** The filter as search parameters of the API. */
export function paramsFromFilter(filter: Filter): URLSearchParams {
  const pairs = KEYS.flatMap((key) => (filter[key] ?? []).map((value): [string, string] => [key, value]))
  return new URLSearchParams(pairs)
}

/** The same filter, whatever the order of keys. */
export function sameFilter(one: Filter, other: Filter): boolean {
  return paramsFromFilter(one).toString() === paramsFromFilter(other).toString()
}

/** The filter wants this value of this key, or anything of this key. */
export function hasKey(filter: Filter, key: FilterKey, value?: string): boolean {
  const values = filter[key] ?? []
  return value === undefined ? values.length > 0 : values.includes(value)
}

/** The filter with these values for a key, instead of those it had. */
export function withKey(filter: Filter, key: FilterKey, values: readonly string[]): Filter {
  return values.length === 0 ? without(filter, key) : { ...filter, [key]: [...values] }
}

/** The filter without a key and what qualifies it, or without one of the key's values. */
export function without(filter: Filter, key: FilterKey, value?: string): Filter {
  const left = value === undefined ? [] : (filter[key] ?? []).filter((held) => held !== value)
  const gone = new Set<string>([key, ...(COMPANIONS[key] ?? [])])
  const rest = Object.fromEntries(Object.entries(filter).filter(([held]) => !gone.has(held)))
  return left.length > 0 ? { ...filter, [key]: left } : rest
}

/** A condition as people see and remove it. */
export interface Condition {
  key: FilterKey
  /** What the key is about: “Facility”. */
  label: string
  /** What is wanted of it: “JWST or HST”. */
  words: string
}

/**
 * The conditions of a filter, one a key; what qualifies another key is told with that one. `named` knows sites by the
 * value that stands for them.
 */
export function conditions(filter: Filter, named: (value: string) => string | undefined = () => undefined): Condition[] {
  const companions = new Set<FilterKey>(Object.entries(COMPANIONS).flatMap(([key, keys]) => (hasKey(filter, key as FilterKey) ? keys : [])))
  return KEYS.filter((key) => hasKey(filter, key) && !companions.has(key)).map((key) => ({
    key,
    label: keyLabels[key],
    words: wordsOf(filter, key, named),
  }))
}

/** The filter in one line: “science or unknown intent · JWST or HST · within 2° of 83.6, +22.0”. */
export function filterInWords(filter: Filter): string {
  const parts = conditions(filter).map(({ key, words }) => filterWords.sentence[key]?.(words) ?? words)
  return parts.length > 0 ? parts.join(' · ') : filterWords.everything
}

function wordsOf(filter: Filter, key: FilterKey, named: (value: string) => string | undefined): string {
  const one = (value: string) => {
    if (key === 'pos') return regionInWords(value)
    return (key === 'visible_from' ? named(value) : valueLabels[key]?.[value]) ?? value
  }
  const values = (filter[key] ?? []).map(one)
  const words = values.join(filterWords.or)
  if (key !== 'visible_from') return words
  const extra = [
    ...(filter.min_alt ?? []).map(filterWords.above),
    ...(filter.sun_below ?? []).map(filterWords.sunBelow),
    ...(filter.visible_when ?? []).map((when) => valueLabels.visible_when?.[when] ?? when),
  ]
  return [words, ...extra].join(', ')
}

function regionInWords(region: string): string {
  const [shape, ...numbers] = region.trim().split(/\s+/)
  const [ra, dec, size] = numbers.map(Number)
  if (shape?.toUpperCase() === 'CIRCLE' && ra !== undefined && dec !== undefined && size !== undefined) {
    return filterWords.circle(ra, dec, size)
  }
  if (shape?.toUpperCase() === 'POLYGON') return filterWords.polygon(Math.floor(numbers.length / 2))
  return shape?.toUpperCase() === 'RANGE' ? filterWords.range(numbers) : region
}
