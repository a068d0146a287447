/** What the map and the plot are given by the pages around them. */

/** A place on the ground, degrees, east and north positive. */
export interface MapSite {
  latitude: number
  longitude: number
  name: string
}

/** A site of the altitude plot. */
export interface PlotSite {
  key: string
  title: string
  latitude: number
  longitude: number
}

/** A part of the sky a map starts with: ICRS degrees, and the degrees across its width. */
export interface Around {
  ra: number
  dec: number
  field: number
}
