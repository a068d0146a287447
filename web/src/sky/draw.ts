/** Draws shapes of the sphere as paths of a canvas. */
import { geoStream } from 'd3-geo'
import type { GeoPermissibleObjects, GeoProjection, GeoStream } from 'd3-geo'

/** Radius of what is only a point, pixels. */
const POINT = 4

/** Adds a shape, cut and bent by the projection, to the path that the context is building. */
export function draw(context: CanvasRenderingContext2D, projection: GeoProjection, shape: GeoPermissibleObjects): void {
  geoStream(shape, projection.stream(pen(context)))
}

/** Takes what a projection makes of a shape: points that stand alone, or lines of them, closed within an area. */
function pen(context: CanvasRenderingContext2D): GeoStream {
  let isArea = false
  let place: 'alone' | 'first' | 'next' = 'alone'
  return {
    polygonStart: () => void (isArea = true),
    polygonEnd: () => void (isArea = false),
    lineStart: () => void (place = 'first'),
    lineEnd: () => {
      if (isArea) context.closePath()
      place = 'alone'
    },
    point: (x, y) => {
      if (place === 'next') context.lineTo(x, y)
      else if (place === 'first') {
        context.moveTo(x, y)
        place = 'next'
      } else {
        context.moveTo(x + POINT, y)
        context.arc(x, y, POINT, 0, 2 * Math.PI)
      }
    },
  }
}
