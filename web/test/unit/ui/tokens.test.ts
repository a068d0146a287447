import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The tokens of a theme as `tokens.css` sets them, by name. */
function tokensOf(theme: string): Map<string, string> {
  const css = readFileSync('src/ui/tokens.css', 'utf8')
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map([...block.matchAll(/(--[\w-]+):\s*(#[0-9a-f]+);/g)].map(([, name = '', colour = '']) => [name, colour]))
}

function channels(colour: string): [number, number, number] {
  const part = (at: number) => parseInt(colour.slice(at, at + 2), 16) / 255
  return [part(1), part(3), part(5)]
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r, g, b] = channels(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
}

function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

const GROUNDS = ['--ground', '--surface', '--surface-2']
const WORDS = ['--text', '--text-muted', '--accent', '--ok', '--warn', '--bad', '--reported', '--plan', '--archived']
const BANDS = ['radio', 'millimeter', 'infrared', 'optical', 'uv', 'xray', 'gamma'].map((band) => `--band-${band}`)

describe.each(['night', 'day', 'red'])('the theme %s', (theme) => {
  const tokens = tokensOf(theme)
  const of = (name: string) => tokens.get(name) ?? ''
  const against = (name: string, ground: string) => contrast(of(name), of(ground))

  it('sets every colour that another theme sets', () => {
    expect([...tokens.keys()]).toEqual([...tokensOf('night').keys()])
  })

  it.each(WORDS)('has %s readable on every ground', (name) => {
    for (const ground of GROUNDS) expect(against(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it.each(BANDS)('has %s readable on the sky and in lists', (name) => {
    for (const ground of ['--sky', ...GROUNDS]) expect(against(name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  })

  it('has words on the accent readable', () => {
    expect(against('--accent-text', '--accent')).toBeGreaterThanOrEqual(4.5)
  })

  it('shows focus, edges of controls, stars and regions well enough to be seen', () => {
    for (const ground of GROUNDS) {
      expect(against('--focus', ground), `focus on ${ground}`).toBeGreaterThanOrEqual(3)
      expect(against('--line-strong', ground), `edge on ${ground}`).toBeGreaterThanOrEqual(3)
    }
    expect(against('--focus', '--sky')).toBeGreaterThanOrEqual(3)
    expect(against('--star', '--sky')).toBeGreaterThanOrEqual(4.5)
    expect(against('--region', '--sky')).toBeGreaterThanOrEqual(4.5)
  })

  it('tells the focus from what has it', () => {
    expect(of('--focus')).not.toBe(of('--line-strong'))
  })
})

describe('red light', () => {
  it('has one hue and next to no green or blue', () => {
    for (const [name, colour] of tokensOf('red')) {
      const [r, g, b] = channels(colour)
      expect(g, name).toBeLessThanOrEqual(0.26)
      expect(b, name).toBeLessThanOrEqual(0.14)
      if (r === 0) continue
      expect(Math.max(g, b), name).toBeLessThanOrEqual(r * 0.26)
      expect(b, name).toBeLessThanOrEqual(g)
    }
  })

  it('stands on black', () => {
    expect(tokensOf('red').get('--ground')).toBe('#000000')
    expect(tokensOf('red').get('--sky')).toBe('#000000')
  })
})

describe('what is not a colour of a theme', () => {
  it.each(['base', 'controls', 'parts'])('%s.css names no colour of its own', (file) => {
    const css = readFileSync(`src/ui/${file}.css`, 'utf8').replace(/\/\*[^]*?\*\//g, '')
    expect(css.match(/#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(white|black)\b/gi)).toBeNull()
  })

  it('the frame names none either', () => {
    const css = readFileSync('src/app/frame.css', 'utf8').replace(/\/\*[^]*?\*\//g, '')
    expect(css.match(/#[0-9a-f]{3,8}\b(?=[;\s])|\brgba?\(|\bhsla?\(/gi)).toBeNull()
  })
})
