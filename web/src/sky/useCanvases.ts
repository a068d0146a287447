/** Two canvases one over the other: the sky, painted when the view changes, and what lies on it, painted with the data. */
import { computed, onBeforeUnmount, onMounted, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { preferences } from '@/ui/preferences'
import { usePixelRatio, useSize } from '@/ui/size'
import { theme } from '@/ui/theme'
import { readPalette } from './palette'
import type { Palette } from './palette'
import { paintSky } from './paintSky'
import type { Backdrop } from './paintSky'
import { Sprites } from './sprites'
import { loadNames, loadStars } from './stars'
import type { ConstellationName, StarChart } from './stars'
import { chartOf } from './view'
import type { Chart, View } from './view'

/** What the canvases are given. */
export interface Given {
  stage: Ref<HTMLElement | null>
  sky: Ref<HTMLCanvasElement | null>
  top: Ref<HTMLCanvasElement | null>
  view: ShallowRef<View>
  /** What lies behind, without the stars and names, which are fetched here. Reactive. */
  backdrop: () => Omit<Backdrop, 'stars' | 'names'>
  /** What the upper painting depends on besides the view; a cheap reactive read. */
  topDepends: () => unknown
  paintTop: (context: CanvasRenderingContext2D, chart: Chart, palette: Palette, sprites: Sprites) => void
}

/** The chart of the view at the size of the stage; null until there is a size. */
export function useCanvases(given: Given): { chart: ComputedRef<Chart | null> } {
  const { width, height } = useSize(given.stage)
  const pixelRatio = usePixelRatio()
  // Beyond two pixels a point nobody sees the difference, but every phone feels it.
  const density = computed(() => Math.min(2, Math.max(1, pixelRatio.value)))
  const stars = shallowRef<StarChart | null>(null)
  const names = shallowRef<readonly ConstellationName[]>([])
  const palette = shallowRef<Palette | null>(null)
  const sprites = computed(() => palette.value && new Sprites(palette.value, density.value))
  const chart = computed(() => {
    const size = { width: Math.round(width.value), height: Math.round(height.value) }
    return size.width > 0 && size.height > 0 ? chartOf(given.view.value, size) : null
  })

  let frame = 0
  let isSkyDue = false
  function paint() {
    frame = 0
    const now = chart.value
    if (!now || !palette.value || !sprites.value) return
    if (isSkyDue) {
      isSkyDue = false
      const context = contextOf(given.sky.value, now)
      if (context) paintSky(context, now, palette.value, { ...given.backdrop(), stars: stars.value, names: names.value })
    }
    const context = contextOf(given.top.value, now)
    if (context) given.paintTop(context, now, palette.value, sprites.value)
  }

  function contextOf(canvas: HTMLCanvasElement | null, { size }: Chart): CanvasRenderingContext2D | null {
    if (!canvas) return null
    const [across, down] = [Math.round(size.width * density.value), Math.round(size.height * density.value)]
    // Giving a canvas a size, even its own, empties it and costs time.
    if (canvas.width !== across) canvas.width = across
    if (canvas.height !== down) canvas.height = down
    const context = canvas.getContext('2d')
    context?.setTransform(density.value, 0, 0, density.value, 0, 0)
    return context
  }

  function request(withSky: boolean) {
    isSkyDue ||= withSky
    if (frame === 0) frame = requestAnimationFrame(paint)
  }

  watch([chart, palette, stars, names, density, given.backdrop], () => {
    request(true)
  })
  watch(given.topDepends, () => {
    request(false)
  })
  watch([theme, () => preferences.brightness], () => (palette.value = readPalette()), { flush: 'post' })
  watch(
    () => given.view.value.field !== null,
    (isZoomed) => {
      if (isZoomed && names.value.length === 0) {
        void loadNames().then(
          (loaded) => (names.value = loaded),
          () => undefined,
        )
      }
    },
    { immediate: true },
  )
  onMounted(() => {
    palette.value = readPalette()
    void loadStars().then(
      (loaded) => (stars.value = loaded),
      // Without stars the map is poorer, not wrong; the next map tries again.
      () => undefined,
    )
  })
  onBeforeUnmount(() => {
    cancelAnimationFrame(frame)
  })
  return { chart }
}
