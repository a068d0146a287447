/** A page with nothing but the map and as many pointings as asked for: `?n=2000`. */
import { createApp, h, shallowRef } from 'vue'
import type { Activity } from '@/api/types'
import SkyMap from '@/sky/SkyMap.vue'
import '@/ui/tokens.css'
import '@/ui/base.css'
import '@/ui/controls.css'
import '@/ui/parts.css'
import { wearTheme } from '@/ui/theme'
import { activity } from './activities'

wearTheme()
const asked = Number(new URLSearchParams(location.search).get('n') ?? 2000)
const activities = shallowRef<Activity[]>(Array.from({ length: asked }, (_, index) => activity(index)))
const selected = shallowRef<string | null>(null)

/** Lets one more event change the board: a pointing moves on to its next state. */
function change(turn: number) {
  const next = [...activities.value]
  const place = (turn * 7919) % next.length
  next[place] = activity(place, turn + 1)
  activities.value = next
}
Object.assign(globalThis, { change })

createApp({
  render: () =>
    h('div', { class: 'page' }, [
      h(SkyMap, {
        activities: activities.value,
        selected: selected.value,
        onSelect: (id: string) => (selected.value = id),
      }),
    ]),
}).mount('#bench')
