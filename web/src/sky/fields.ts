/** Regions as typed into fields, and the faults in what is typed. */
import { regionWords } from '@/messages/sky'
import { parseRegion, regionText } from './geometry'
import type { Circle, Polygon, Region } from './geometry'
import { polygonFault } from './polygon'
import type { Position } from './sphere'
import { readDec, readRa, readRadius } from './typed'
import type { Reading } from './typed'

/** Texts of the fields. */
export interface Typed {
  ra: string
  dec: string
  radius: string
  corners: string
  text: string
}

/** What is wrong with each field, in words. */
export type Faults = Partial<Record<keyof Typed, string>>

/** The region of the fields; null with faults, or with everything empty. */
export interface ReadFields {
  region: Region | null
  faults: Faults
}

const number = (value: number): string => String(Number(value.toFixed(6)))

/** The fields of a region; those that do not fit its kind are empty. */
export function typedOf(region: Region | null): Typed {
  const empty: Typed = { ra: '', dec: '', radius: '', corners: '', text: region ? regionText(region) : '' }
  if (region?.kind === 'circle') {
    return { ...empty, ra: number(region.ra), dec: number(region.dec), radius: number(region.radius) }
  }
  if (region?.kind !== 'polygon') return empty
  return { ...empty, corners: region.vertices.map(([ra, dec]) => `${number(ra)}, ${number(dec)}`).join('\n') }
}

/** A circle from its three fields. */
export function readCircle({ ra, dec, radius }: Typed): ReadFields {
  if (ra.trim() === '' && dec.trim() === '' && radius.trim() === '') return { region: null, faults: {} }
  const read = { ra: readRa(ra), dec: readDec(dec), radius: readRadius(radius) }
  const faults: Faults = {}
  for (const key of ['ra', 'dec', 'radius'] as const) {
    const reading = read[key]
    if ('fault' in reading) faults[key] = regionWords.faults[key][reading.fault]
  }
  const [atRa, atDec, size] = [valueOf(read.ra), valueOf(read.dec), valueOf(read.radius)]
  if (atRa === null || atDec === null || size === null) return { region: null, faults }
  const circle: Circle = { kind: 'circle', ra: atRa % 360, dec: atDec, radius: size }
  return { region: circle, faults }
}

const valueOf = (reading: Reading): number | null => ('value' in reading ? reading.value : null)

/** A polygon from a corner a line. */
export function readCorners(text: string): ReadFields {
  const lines = text.split('\n').map((line) => line.trim())
  const vertices: Position[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const read = readPair(line)
    if (typeof read === 'string') return { region: null, faults: { corners: regionWords.faults.line(index + 1, read) } }
    if (!read) return { region: null, faults: { corners: regionWords.faults.pair(index + 1) } }
    vertices.push(read)
  }
  if (vertices.length === 0) return { region: null, faults: {} }
  const polygon: Polygon = { kind: 'polygon', vertices, holes: [] }
  const fault = faultOf(polygon)
  return fault ? { region: polygon, faults: { corners: fault } } : { region: polygon, faults: {} }
}

/** A position, why it is none, or null when there are not two numbers. */
function readPair(line: string): Position | string | null {
  const halves = line.includes(',') ? line.split(',') : line.split(/\s+/)
  const [first, second] = halves
  if (first === undefined || second === undefined || halves.length !== 2) return null
  const [ra, dec] = [readRa(first), readDec(second)]
  if ('fault' in ra) return regionWords.faults.ra[ra.fault]
  if ('fault' in dec) return regionWords.faults.dec[dec.fault]
  return [ra.value % 360, dec.value]
}

/** A region from the words of SIA2 POS. */
export function readText(text: string): ReadFields {
  if (text.trim() === '') return { region: null, faults: {} }
  const region = parseRegion(text)
  const isAsked = region && region.kind !== 'union' && !(region.kind === 'polygon' && region.holes.length > 0)
  if (!isAsked) return { region: null, faults: { text: regionWords.faults.text } }
  const fault = faultOf(region)
  return { region, faults: fault ? { text: fault } : {} }
}

/** Why a region cannot be asked for; null when it can. */
export function faultOf(region: Region): string | null {
  const fault = region.kind === 'polygon' ? polygonFault(region.vertices) : null
  return fault && regionWords.faults.polygon[fault]
}
