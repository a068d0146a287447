import { computed, ref, watch, type ComputedRef } from 'vue'
import { preferences } from './preferences'

/** A complete set of colours. */
export type Theme = 'night' | 'day' | 'red'

const light = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: light)') : null
const systemLight = ref(light?.matches ?? false)
light?.addEventListener('change', (event) => {
  systemLight.value = event.matches
})

/** The theme in force. What paints on a canvas watches it and paints again. */
export const theme: ComputedRef<Theme> = computed(() => {
  if (preferences.theme !== 'system') return preferences.theme
  return systemLight.value ? 'day' : 'night'
})

/** The next theme in the round that the key and the button make. */
export function nextTheme(current: Theme): Theme {
  return current === 'night' ? 'day' : current === 'day' ? 'red' : 'night'
}

/** The value of a token of `tokens.css` in the theme in force, as `token('--sky')`. */
export function token(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

/** Keeps `<html>` in step with the preferences; `theme.js` has done it once before the first paint. */
export function wearTheme(root: HTMLElement = document.documentElement): () => void {
  return watch(
    [theme, () => preferences.density, () => preferences.brightness],
    ([worn, density, brightness]) => {
      root.dataset.theme = worn
      root.dataset.density = density
      root.toggleAttribute('data-dimmed', brightness < 100)
      root.style.setProperty('--brightness', String(brightness / 100))
      // What the browser draws around the page.
      root.querySelector('meta[name="theme-color"]')?.setAttribute('content', token('--surface'))
    },
    { immediate: true, flush: 'sync' },
  )
}
