/** Where else to read about an activity, and what to be told about. */
import type { RouteLocationRaw } from 'vue-router'
import type { Activity } from '@/api/types'
import { panel as words } from '@/messages/panel'
import { queryFromFilter, SCIENCE } from './filter'

/** A page on another host. */
export interface Outside {
  title: string
  url: string
}

/** A subscription that can be begun from an activity. */
export interface Topic {
  title: string
  to: RouteLocationRaw
}

/** Radius of the field when the source published no size, degrees. */
const RADIUS = 0.25

/** The pages its source names, then name services. What moves among the stars has no entry in those. */
export function linksOf(activity: Activity): Outside[] {
  const links: Outside[] = activity.links.filter(({ url }) => /^https?:\/\//i.test(url))
  const { target_name: name, s_ra: ra, s_dec: dec } = activity
  const fixed = activity.tracking_type == null || activity.tracking_type === 'Sidereal'
  if (fixed && name) {
    const query = encodeURIComponent(name)
    links.push({ title: words.simbad, url: `https://simbad.cds.unistra.fr/simbad/sim-id?Ident=${query}` })
    links.push({ title: words.ned, url: `https://ned.ipac.caltech.edu/byname?objname=${query}` })
  }
  if (fixed && ra != null && dec != null) {
    links.push({ title: words.simbadField, url: `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${ra}%20${dec < 0 ? '' : '%2B'}${dec}&Radius=2&Radius.unit=arcmin` })
  }
  return links
}

/** What one can ask to be told about, starting from this activity. */
export function topicsOf(activity: Activity): Topic[] {
  const { target_name: target, s_ra: ra, s_dec: dec, proposal_id: proposal, proposal_pi: pi, facility_name: facility } = activity
  const field = Math.max(RADIUS, (activity.s_fov ?? 0) / 2)
  const topics: [string, string, string | null][] = [
    [words.tellTarget, 'target', target ? literal(target) : null],
    [words.tellField, 'pos', ra == null || dec == null ? null : `CIRCLE ${ra} ${dec} ${field}`],
    [words.tellProgramme, 'proposal', proposal ? `${activity.obs_collection}/${literal(proposal)}` : null],
    [words.tellFacility, 'facility', literal(facility)],
    [words.tellPi, 'pi', pi ? literal(pi) : null],
  ]
  return topics
    .filter((topic): topic is [string, string, string] => topic[2] !== null)
    .map(([title, key, value]) => ({
      title,
      to: { path: '/subscriptions/new', query: queryFromFilter({ intent: [...SCIENCE], [key]: [value] }) },
    }))
}

/** A name as the filter takes it: a star at its end is a star, not the sign for any ending. */
function literal(name: string): string {
  return name.replace(/\*$/, '\\*')
}
