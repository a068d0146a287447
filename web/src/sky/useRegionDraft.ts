/** The region being edited: what is drawn, what is typed, and which of it counts. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { faultOf, readCircle, readCorners, readText, typedOf } from './fields'
import type { Faults, Typed } from './fields'
import { regionText } from './geometry'
import type { Region } from './geometry'

/** What the editor draws with. */
export type Tool = 'circle' | 'polygon'

/** State of an editor. */
export interface RegionDraft {
  tool: Ref<Tool>
  /** As drawn or typed; a polygon may not be finished. */
  region: ShallowRef<Region | null>
  typed: Ref<Typed>
  faults: ShallowRef<Faults>
  /** Why the draft does not count yet; null when it does. */
  fault: ComputedRef<string | null>
  /** Takes over what has been drawn. */
  draw(region: Region | null): void
  /** Reads a field after typing. */
  read(field: keyof Typed): void
}

/** Follows the model and tells it every draft that counts; one with a fault is kept back. */
export function useRegionDraft(
  model: () => Region | null,
  tell: { update: (region: Region | null) => void; fault: (words: string | null) => void },
): RegionDraft {
  const region = shallowRef<Region | null>(model())
  const tool = ref<Tool>(region.value?.kind === 'polygon' ? 'polygon' : 'circle')
  const typed = ref<Typed>(typedOf(region.value))
  const faults = shallowRef<Faults>({})
  const fault = computed(() => Object.values(faults.value)[0] ?? (region.value && faultOf(region.value)))
  let told = textOf(region.value)

  function take(next: Region | null) {
    region.value = next
    if (next && next.kind !== 'range' && next.kind !== 'union') tool.value = next.kind
    if (fault.value !== null || textOf(next) === told) return
    told = textOf(next)
    tell.update(next)
  }

  function draw(next: Region | null) {
    faults.value = {}
    typed.value = typedOf(next)
    take(next)
  }

  function read(field: keyof Typed) {
    const found =
      field === 'text' ? readText(typed.value.text) : field === 'corners' ? readCorners(typed.value.corners) : readCircle(typed.value)
    faults.value = found.faults
    const isFaulty = Object.keys(found.faults).length > 0
    // What cannot be read leaves the drawing as it is.
    if (isFaulty && !found.region) return
    // The other fields follow; the one being typed in stays as it is typed.
    const follow = typedOf(found.region)
    const circle = field === 'text' || field === 'corners' ? {} : { ra: typed.value.ra, dec: typed.value.dec, radius: typed.value.radius }
    typed.value = { ...follow, ...circle, [field]: typed.value[field] }
    take(found.region)
  }

  watch(model, (given) => {
    if (textOf(given) === told) return
    told = textOf(given)
    faults.value = {}
    typed.value = typedOf(given)
    region.value = given
    if (given?.kind === 'polygon' || given?.kind === 'circle') tool.value = given.kind
  })
  watch(fault, (words) => {
    tell.fault(words)
  })
  return { tool, region, typed, faults, fault, draw, read }
}

const textOf = (region: Region | null): string => (region ? regionText(region) : '')
