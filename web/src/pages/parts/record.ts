/** What a facility has on record, and the parts of it. */
import type { components } from '@/api/schema'

export type FacilityRecord = components['schemas']['FacilityRecord']
/** A name with how often it occurs and the exposure time stated for it, seconds. */
export type Share = components['schemas']['RecordPart']

/** A share with its part in the whole, 0 to 1. */
export interface Part {
  share: Share
  part: number
  /** The part is one of the exposure time; otherwise, as none is stated, of the number of activities. */
  byExposure: boolean
}

/** The part of each share in the whole of them. Exposure time counts where any is stated. */
export function parts(shares: readonly Share[]): Part[] {
  const byExposure = shares.some(({ exposure_s: time }) => (time ?? 0) > 0)
  const weight = (share: Share) => (byExposure ? (share.exposure_s ?? 0) : share.activities)
  const whole = shares.reduce((sum, share) => sum + weight(share), 0)
  return shares.map((share) => ({ share, part: whole > 0 ? weight(share) / whole : 0, byExposure }))
}

/** Names that differ only in case, blanks and dashes are one. */
export function foldedName(name: string): string {
  return name.normalize('NFKD').toLowerCase().replace(/[\s_-]+/g, '')
}
