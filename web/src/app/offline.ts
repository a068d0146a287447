/** Parts that were on their way when the worker took over are told to it after this long, milliseconds. */
const SETTLED_MS = 5000

/** Has the service worker keep the app for reading without a network; nothing depends on it. */
export function keepForOffline(page: Window = window): void {
  const workers = page.navigator.serviceWorker as ServiceWorkerContainer | undefined
  if (!workers) return
  const tell = async () => {
    const { active } = await workers.ready
    active?.postMessage({ type: 'keep', urls: partsOf(page) })
  }
  const register = async () => {
    try {
      await workers.register('/sw.js')
      await tell()
      page.setTimeout(() => void tell(), SETTLED_MS)
    } catch {
      // Refused, as in private windows: the app then needs the network.
    }
  }
  if (page.document.readyState === 'complete') void register()
  else page.addEventListener('load', () => void register(), { once: true })
}

/** The parts of the app that this page has loaded so far: the worker was not there to see them pass. */
function partsOf(page: Window): string[] {
  const loaded = page.performance.getEntriesByType('resource').map((entry) => entry.name)
  return loaded.filter((name) => name.startsWith(`${page.location.origin}/assets/`))
}
