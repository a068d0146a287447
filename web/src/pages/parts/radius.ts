/** Radii a field can be looked at with, degrees. */
export const RADII = [1 / 60, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20] as const

/** The radius a field begins with: a quarter of a degree holds the field of most cameras. */
export const FIRST_RADIUS = 0.25

/** “3′”, “0.25°”. */
export function radiusInWords(degrees: number): string {
  return degrees < 0.1 ? `${Math.round(degrees * 60)}′` : `${Number(degrees.toFixed(2))}°`
}

/** The radius an address asks for; the first one where it asks for none, or for nonsense. */
export function radiusFrom(text: unknown): number {
  const radius = typeof text === 'string' ? Number(text) : NaN
  return radius > 0 && radius <= 180 ? radius : FIRST_RADIUS
}
