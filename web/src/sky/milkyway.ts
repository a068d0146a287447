/**
 * The band of the Milky Way, computed: a disc of stars seen from within is a band along the Galactic equator that is
 * widest towards the centre, where the bulge is, and narrowest away from it. It shows where the plane is, not the dust.
 */
import { fromGalactic } from './frames'

interface Area {
  type: 'Polygon'
  coordinates: [number, number][][]
}

/** Degrees between points of an edge. */
const STEP = 4
/** Parts of the full width, from the faint outside to the bright inside. */
const LEVELS = [1, 0.8, 0.6, 0.42, 0.24]

/** Half the width of the band at a Galactic longitude, degrees, and how far its middle is from the equator. */
function profile(longitude: number): { half: number; middle: number } {
  const fromCentre = Math.abs(((longitude + 180) % 360) - 180)
  const disc = 6.5 + 2.5 * Math.cos((fromCentre * Math.PI) / 180)
  const bulge = 7 * Math.exp(-((fromCentre / 22) ** 2))
  // The outer disc is bent: up near longitude 90°, down near 270°; and no edge is smooth.
  const warp = 1.2 * Math.sin((longitude * Math.PI) / 180)
  const ripple = 0.9 * Math.sin((longitude * Math.PI) / 24) + 0.6 * Math.sin((longitude * Math.PI) / 9 + 1)
  return { half: disc + bulge + ripple, middle: warp }
}

/** Areas one inside the other, to be filled thinly one over the other. */
export function milkyWay(): Area[] {
  return LEVELS.map((part) => ({ type: 'Polygon', coordinates: [edge(part), edge(-part).reverse()] }))
}

/** One edge of the band all around the sky, ICRS; eastwards, what is south of it is on the right hand. */
function edge(part: number): [number, number][] {
  const points: [number, number][] = []
  for (let longitude = 0; longitude <= 360; longitude += STEP) {
    const { half, middle } = profile(longitude % 360)
    const [ra, dec] = fromGalactic([longitude, middle + half * part])
    points.push([ra, dec])
  }
  return points
}
