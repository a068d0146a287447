/** How a visitor likes the map; kept on the device. */
import { reactive, watch } from 'vue'
import type { Frame } from './rotation'
import type { AllSky } from './view'

/** Choices that hold for every map. */
export interface MapChoices {
  allSky: AllSky
  frame: Frame
  hasConstellations: boolean
}

const KEY = 'starboard.map'

/** Reads kept choices; whatever is missing or makes no sense is as by default. */
export function readChoices(kept: string | null): MapChoices {
  let said: Partial<Record<keyof MapChoices, unknown>> | null
  try {
    said = JSON.parse(kept ?? 'null') as typeof said
  } catch {
    said = null
  }
  return {
    allSky: said?.allSky === 'aitoff' ? 'aitoff' : 'mollweide',
    frame: said?.frame === 'galactic' ? 'galactic' : 'icrs',
    hasConstellations: said?.hasConstellations !== false,
  }
}

function store(): Storage | null {
  try {
    return globalThis.localStorage
  } catch {
    return null
  }
}

/** The choices in force, for every map of the page. */
export const choices: MapChoices = reactive(readChoices(store()?.getItem(KEY) ?? null))

watch(choices, () => {
  try {
    store()?.setItem(KEY, JSON.stringify(choices))
  } catch {
    // A full or closed store: the choice holds for this visit.
  }
})
