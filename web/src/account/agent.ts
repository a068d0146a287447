/** What a browser calls itself, as people call it. */
import { sessions as words } from '@/messages/account'

/** Those that pretend to be another one come first. */
const browsers: readonly [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Vivaldi\//, 'Vivaldi'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/(?:Firefox|FxiOS)\//, 'Firefox'],
  [/(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/curl\//, 'curl'],
  [/starboard\//i, 'the starboard program'],
]
const systems: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux|X11/, 'Linux'],
]

/** `Firefox on Linux`; what is not known is called so. */
export function browserInWords(agent: string | null): string {
  if (!agent) return words.agentUnknown
  const named = (known: readonly [RegExp, string][]) => known.find(([sign]) => sign.test(agent))?.[1]
  const browser = named(browsers)
  const system = named(systems)
  if (browser === undefined) return agent.slice(0, 40)
  return system === undefined ? browser : words.on(browser, system)
}
