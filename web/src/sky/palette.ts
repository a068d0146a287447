/** The colours of the map, read from the tokens of the theme in force. */
import { theme, token } from '@/ui/theme'

/** Wavebands that have a colour; `none` is for activities whose source does not say. */
export const BANDS = ['radio', 'millimeter', 'infrared', 'optical', 'uv', 'xray', 'gamma', 'none'] as const

export type Band = (typeof BANDS)[number]

/** Colours as CSS takes them. */
export interface Palette {
  sky: string
  grid: string
  star: string
  milkyWay: string
  region: string
  line: string
  text: string
  muted: string
  focus: string
  surface: string
  shade: string
  bands: Readonly<Record<Band, string>>
  /** Dark marks on a light sky. */
  isLight: boolean
  font: string
}

const BY_WORD: Readonly<Record<string, Band>> = {
  radio: 'radio',
  millimeter: 'millimeter',
  infrared: 'infrared',
  optical: 'optical',
  uv: 'uv',
  euv: 'uv',
  'x-ray': 'xray',
  'gamma-ray': 'gamma',
}

/** The band that colours an activity: the first its source names. */
export const bandOf = (bands: readonly string[] | null | undefined): Band =>
  BY_WORD[(bands?.[0] ?? '').toLowerCase()] ?? 'none'

/** Reads the tokens anew. */
export function readPalette(): Palette {
  return {
    sky: token('--sky'),
    grid: token('--grid'),
    star: token('--star'),
    milkyWay: token('--milkyway'),
    region: token('--region'),
    line: token('--line-strong'),
    text: token('--text'),
    muted: token('--text-muted'),
    focus: token('--focus'),
    surface: token('--surface'),
    shade: token('--shade'),
    bands: {
      radio: token('--band-radio'),
      millimeter: token('--band-millimeter'),
      infrared: token('--band-infrared'),
      optical: token('--band-optical'),
      uv: token('--band-uv'),
      xray: token('--band-xray'),
      gamma: token('--band-gamma'),
      none: token('--archived'),
    },
    isLight: theme.value === 'day',
    font: token('--f-family') || 'sans-serif',
  }
}
