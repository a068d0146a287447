/** Putting names beside marks so that none lies over another. */

/** A name that wants a place; the first ones are served first. Pixels. */
export interface Wanted {
  text: string
  x: number
  y: number
  width: number
}

/** A name with its place: left end and baseline. */
export interface Label {
  text: string
  x: number
  y: number
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** Height of a line and the room kept around marks, pixels. */
const HEIGHT = 13
const GAP = 11

/**
 * Finds a place for as many names as go without overlap: right of the mark, left, above, below; one that fits nowhere
 * is left out. `marks` are kept free too. A name is given once where marks that have it are close together.
 */
export function placeLabels(
  wanted: readonly Wanted[],
  marks: readonly { x: number; y: number }[],
  size: { width: number; height: number },
  most: number,
): Label[] {
  const taken: Box[] = marks.map(({ x, y }) => ({ left: x - 6, top: y - 6, right: x + 6, bottom: y + 6 }))
  const labels: Label[] = []
  const named: Wanted[] = []
  for (const one of wanted) {
    if (labels.length >= most) break
    if (named.some((other) => other.text === one.text && Math.hypot(other.x - one.x, other.y - one.y) < 40)) continue
    const box = places(one).find((place) => isInside(place, size) && !taken.some((other) => doOverlap(place, other)))
    if (!box) continue
    taken.push(box)
    named.push(one)
    labels.push({ text: one.text, x: box.left, y: box.bottom - 3 })
  }
  return labels
}

function places({ x, y, width }: Wanted): Box[] {
  const at = (left: number, top: number): Box => ({ left, top, right: left + width, bottom: top + HEIGHT })
  const middle = x - width / 2
  return [
    at(x + GAP, y - HEIGHT / 2),
    at(x - GAP - width, y - HEIGHT / 2),
    at(middle, y - GAP - HEIGHT),
    at(middle, y + GAP),
    at(x + GAP - 2, y - GAP - HEIGHT + 3),
    at(x + GAP - 2, y + GAP - 3),
  ]
}

const isInside = (box: Box, size: { width: number; height: number }): boolean =>
  box.left >= 2 && box.top >= 2 && box.right <= size.width - 2 && box.bottom <= size.height - 2

const doOverlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
