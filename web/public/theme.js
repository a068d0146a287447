// Puts the chosen theme on the page before it is painted; `src/ui/theme.ts` takes over from here.
(() => {
  let kept = null
  try {
    kept = JSON.parse(localStorage.getItem('starboard.preferences') ?? 'null')
  } catch {
    // Nothing can be read: as by default.
  }
  const root = document.documentElement
  const chosen = ['night', 'day', 'red'].includes(kept?.theme) ? kept.theme : null
  root.dataset.theme = chosen ?? (matchMedia('(prefers-color-scheme: light)').matches ? 'day' : 'night')
  root.dataset.density = kept?.density === 'compact' ? 'compact' : 'comfortable'
  const brightness = kept?.brightness
  if (typeof brightness === 'number' && brightness >= 30 && brightness < 100) {
    root.toggleAttribute('data-dimmed', true)
    root.style.setProperty('--brightness', String(brightness / 100))
  }
})()
