/** Words of the sky map, the region editor and the altitude plot. */

const count = (n: number, one: string, many = `${one}s`): string => `${String(n)} ${n === 1 ? one : many}`

/** The map. */
export const mapWords = {
  label: 'Sky map',
  kind: 'sky map',
  keys: 'Arrow keys step through what is in progress, Enter opens it. Plus and minus zoom, Shift with an arrow moves the map, 0 shows the whole sky.',
  sky: 'Stars to magnitude 5, constellations, Milky Way, Sun and Moon',
  sun: 'Sun',
  moon: 'Moon',
  horizon: (site: string) => `Zenith of ${site}`,
  horizonShade: (site: string) => `Shaded: below the horizon of ${site}`,
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  whole: 'Whole sky',
  back: 'Back to the start',
  projection: 'Map',
  projections: { mollweide: 'Mollweide', aitoff: 'Aitoff' },
  axes: 'Grid',
  frames: { icrs: 'ICRS', galactic: 'Galactic' },
  constellations: 'Constellations',
  legend: 'Key and options',
  credit: 'Stars: XHIP, Anderson & Francis 2012. Constellations: d3-celestial, O. Frohn.',
  twoFingers: 'Use two fingers to move the map',
  wheel: 'Click the map first, or hold Ctrl, to zoom with the wheel',
  noTarget: 'target not given',
  late: 'source is late',
  until: (start: string, end: string) => `${start} to ${end}`,
  from: (start: string) => `from ${start}`,
  step: (place: number, of: number, text: string) => `${String(place)} of ${String(of)}: ${text}`,
  nothingNow: 'Nothing on this part of the map is in progress.',
  counts: (shown: number, nowhere: number) =>
    nowhere === 0 ? `${String(shown)} on the map` : `${String(shown)} on the map · ${String(nowhere)} without coordinates`,
  /** What the map shows, for who does not see it. */
  summary: (filled: number, half: number, ring: number, dot: number, nowhere: number) =>
    [
      `${String(filled)} in progress as reported, ${String(half)} in progress by plan, ${String(ring)} scheduled, ${String(dot)} over.`,
      nowhere > 0 ? `${count(nowhere, 'activity has', 'activities have')} no coordinates and ${nowhere === 1 ? 'is' : 'are'} not on the map.` : '',
      'The list beside the map says the same in words.',
    ]
      .filter(Boolean)
      .join(' '),
} as const

/** What the marks mean. */
export const markWords = {
  filled: 'in progress, reported',
  half: 'in progress, by plan',
  ring: 'scheduled',
  dot: 'over',
  late: 'striped: source is late',
  region: 'region asked for',
} as const

/** What the colours mean. */
export const bandWords = {
  radio: 'radio',
  millimeter: 'millimetre',
  infrared: 'infrared',
  optical: 'optical',
  uv: 'UV',
  xray: 'X-ray',
  gamma: 'gamma-ray',
  none: 'band not given',
} as const

/** The region editor. */
export const regionWords = {
  label: 'Region on the map',
  kind: 'region editor',
  shape: 'Shape',
  circle: 'Circle',
  polygon: 'Polygon',
  keys: {
    circle:
      'Arrow keys move the circle, with Shift in large steps. Plus and minus change its radius, Page Up and Page Down in large steps. Delete removes it.',
    polygon:
      'Arrow keys move the polygon, with Shift in large steps. Plus and minus change its size, Page Up and Page Down in large steps. Delete removes its last corner.',
  },
  help: {
    circle: 'Drag on the map to draw a circle; drag inside it to move it, its edge to size it. Typed values do the same.',
    polygon: 'Click to set corners, at least three; drag a corner to move it, drag inside to move all. Typed values do the same.',
  },
  ra: 'Right ascension',
  raHint: 'Degrees, or 05 34 32',
  dec: 'Declination',
  decHint: 'Degrees, or +22 00 52',
  radius: 'Radius',
  radiusHint: 'Degrees, 0 to 180; also 30′ or 90″',
  corners: 'Corners',
  cornersHint: 'One corner a line: right ascension and declination with a comma between, in degrees or sexagesimal',
  text: 'As text',
  textHint: 'SIA2 POS: CIRCLE ra dec radius · POLYGON ra1 dec1 ra2 dec2 … · RANGE ra1 ra2 dec1 dec2',
  clear: 'Clear region',
  removeCorner: 'Undo corner',
  none: 'No region: the whole sky counts.',
  unfinished: (have: number) => `${count(have, 'corner')} so far; a polygon has at least three.`,
  faults: {
    ra: { empty: 'Give a right ascension.', unreadable: 'Write degrees (83.63) or hours, minutes, seconds (05 34 32).', outside: 'Right ascension is 0 to 360 degrees, or 0 to 24 hours.' },
    dec: { empty: 'Give a declination.', unreadable: 'Write degrees (22.01) or degrees, minutes, seconds (+22 00 52).', outside: 'Declination is −90 to +90 degrees.' },
    radius: { empty: 'Give a radius.', unreadable: 'Write a number of degrees, or minutes (30′) or seconds (90″) of arc.', outside: 'A radius is 0 to 180 degrees.' },
    polygon: {
      few: 'A polygon has at least three corners.',
      many: 'A polygon has at most 200 corners.',
      equal: 'Two corners in a row are at the same or at opposite places.',
      crossing: 'The edges of the polygon cross. Move a corner so that they do not.',
    },
    pair: (line: number) => `Line ${String(line)}: write right ascension and declination, with a comma between.`,
    line: (line: number, fault: string) => `Line ${String(line)}: ${fault}`,
    text: 'This is no region. Write CIRCLE, POLYGON or RANGE with numbers in degrees.',
  },
  /** The region in words, for the live region and the canvas. */
  circleNow: (ra: string, dec: string, radius: string) => `Circle of radius ${radius} around ${ra} ${dec}`,
  polygonNow: (corners: number, ra: string, dec: string) => `Polygon of ${String(corners)} corners around ${ra} ${dec}`,
  rangeNow: (ra1: string, ra2: string, dec1: string, dec2: string) => `Right ascension ${ra1} to ${ra2}, declination ${dec1} to ${dec2}`,
  unionNow: (parts: number) => `${String(parts)} areas`,
  area: (degrees: string) => `${degrees} square degrees`,
} as const

/** The altitude plot. */
export const altitudeWords = {
  now: 'now',
  moon: 'Moon',
  noSites: 'Choose a site to see how high this position stands tonight.',
  best: 'Highest in the dark',
  above: 'In the dark above 30°',
  darkFrom: 'Dark',
  never: 'never tonight',
  noDark: 'the Sun does not sink 18° below the horizon',
  times: (from: string, to: string) => `${from} to ${to}`,
  at: (degrees: string, time: string) => `${degrees} at ${time}`,
  moonNow: (percent: number, away: string) => `${String(percent)} % lit, ${away} away`,
  caption: 'Line: this position. Dashed: the Moon. The darker the band, the darker the sky. Times are UTC.',
  label: (site: string) => `Altitude tonight at ${site}`,
} as const
