/** The two projections of d3-geo-projection that are used; the package comes without types. */
declare module 'd3-geo-projection' {
  import type { GeoProjection } from 'd3-geo'

  export function geoMollweide(): GeoProjection
  export function geoAitoff(): GeoProjection
}
