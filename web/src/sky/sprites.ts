/** Marks drawn once and stamped many times: thousands of them must take milliseconds. */
import type { Mark } from '@/ui/mark'
import type { Band, Palette } from './palette'

/** Half the side of a sprite's square, CSS pixels. */
export const REACH = 16

/** Radius of each mark's outline, CSS pixels. */
export const RADIUS: Readonly<Record<Mark, number>> = { filled: 5, half: 5, ring: 3.4, dot: 1.7 }

type Context = CanvasRenderingContext2D

/** A set of marks in the colours of a theme, for screens of some number of pixels a CSS pixel. */
export class Sprites {
  readonly #drawn = new Map<string, HTMLCanvasElement>()
  readonly #palette: Palette
  readonly #density: number

  constructor(palette: Palette, density: number) {
    this.#palette = palette
    this.#density = density
  }

  /** Stamps a mark with its middle at x, y (CSS pixels), `scale` times its usual size. */
  stamp(context: Context, mark: Mark, band: Band, isLate: boolean, x: number, y: number, scale = 1): void {
    const sprite = this.#sprite(mark, band, isLate)
    const side = (sprite.width / this.#density) * scale
    // On whole pixels a stamp is a copy; between them every pixel would be computed anew.
    context.drawImage(sprite, this.#snapped(x - side / 2), this.#snapped(y - side / 2), side, side)
  }

  #snapped(at: number): number {
    return Math.round(at * this.#density) / this.#density
  }

  #sprite(mark: Mark, band: Band, isLate: boolean): HTMLCanvasElement {
    const key = `${mark} ${band} ${String(isLate)}`
    let sprite = this.#drawn.get(key)
    if (!sprite) {
      sprite = this.#draw(mark, band, isLate)
      this.#drawn.set(key, sprite)
    }
    return sprite
  }

  #draw(mark: Mark, band: Band, isLate: boolean): HTMLCanvasElement {
    const reach = mark === 'filled' || mark === 'half' ? REACH : Math.ceil(RADIUS[mark] + 2)
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = Math.ceil(2 * reach * this.#density)
    const context = canvas.getContext('2d')
    if (context) {
      context.scale(this.#density, this.#density)
      context.translate(canvas.width / this.#density / 2, canvas.height / this.#density / 2)
      paintMark(context, mark, this.#palette.bands[band], this.#palette.sky, isLate)
    }
    return canvas
  }
}

/** Paints a mark around the origin: filled, half-filled ring, ring or dot; striped and dim when its source is late. */
function paintMark(context: Context, mark: Mark, colour: string, ground: string, isLate: boolean): void {
  const radius = RADIUS[mark]
  context.fillStyle = context.strokeStyle = colour
  context.lineWidth = mark === 'ring' ? 1.25 : 1.6
  if (isLate) context.globalAlpha = 0.85
  if (mark === 'filled' && !isLate) paintGlow(context, colour, 0.55)
  if (mark === 'half' && !isLate) paintGlow(context, colour, 0.22)
  if (mark === 'dot') {
    circle(context, radius)
    if (isLate) context.globalAlpha = 0.5
    context.fill()
    return
  }
  if (mark !== 'ring') {
    // What lies below must not be taken for part of the mark.
    circle(context, radius)
    context.fillStyle = ground
    context.fill()
    context.fillStyle = colour
    paintInside(context, mark, radius, isLate)
  }
  if (isLate) context.setLineDash([2, 1.6])
  circle(context, radius)
  context.stroke()
}

function paintInside(context: Context, mark: Mark, radius: number, isLate: boolean): void {
  context.save()
  context.beginPath()
  if (mark === 'half') context.arc(0, 0, radius, -Math.PI / 2, Math.PI / 2)
  else context.arc(0, 0, radius, 0, 2 * Math.PI)
  if (isLate) {
    context.clip()
    context.beginPath()
    for (let offset = -2 * radius; offset <= 2 * radius; offset += 2.6) {
      context.moveTo(offset - radius, radius)
      context.lineTo(offset + radius, -radius)
    }
    context.lineWidth = 1
    context.stroke()
  } else context.fill()
  context.restore()
}

function paintGlow(context: Context, colour: string, strength: number): void {
  const glow = context.createRadialGradient(0, 0, 2, 0, 0, REACH)
  glow.addColorStop(0, colour)
  glow.addColorStop(1, cleared(colour))
  const before = context.globalAlpha
  context.globalAlpha = strength
  context.fillStyle = glow
  circle(context, REACH)
  context.fill()
  context.globalAlpha = before
  context.fillStyle = colour
}

/** The colour without any of it left; `transparent` would be black on the way there. */
const cleared = (colour: string): string => (/^#[\da-f]{6}$/i.test(colour) ? `${colour}00` : 'transparent')

function circle(context: Context, radius: number): void {
  context.beginPath()
  context.arc(0, 0, radius, 0, 2 * Math.PI)
}
