/**
 * Makes `src/sky/data/`: `sky.json`, the stars and lines of the map, `names.json`, the constellations' names, and the
 * `NOTICE.txt` that goes with them, from the data files of the npm package
 * d3-celestial (BSD-3-Clause): stars of XHIP (Anderson & Francis 2012) to magnitude 5, lines and names of constellations.
 * Its Milky Way is not used: most of it was traced from a picture that is not free; ours is computed.
 *
 *   npm pack d3-celestial@0.7.35 && tar xzf d3-celestial-0.7.35.tgz
 *   node scripts/sky-data.mjs package
 *
 * Angles are ICRS in hundredths of a degree. Stars go from bright to faint; `counts` tells how many there are of each
 * tenth of a magnitude, the first being `brightest` tenths; within a tenth they go by right ascension, of which only
 * the steps are written. Lines run from star to star, by number; −1, −2, … are the `corners` that are no such star.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const FAINTEST = 5
const MOST_BYTES = 25_000
const OUT = new URL('../src/sky/data/', import.meta.url)

const folder = process.argv[2]
if (!folder) throw new Error('usage: node scripts/sky-data.mjs <folder of the unpacked package d3-celestial>')

const read = (name) => JSON.parse(readFileSync(join(folder, 'data', name), 'utf8')).features
const hundredths = ([ra, dec]) => [Math.round((ra < 0 ? ra + 360 : ra) * 100) % 36_000, Math.round(dec * 100)]
const tenths = (star) => Math.round(Number(star.properties.mag) * 10)

const stars = read('stars.6.json')
  .filter((star) => Number(star.properties.mag) <= FAINTEST)
  .sort((a, b) => tenths(a) - tenths(b) || hundredths(a.geometry.coordinates)[0] - hundredths(b.geometry.coordinates)[0])
const brightest = tenths(stars[0])
const counts = Array.from({ length: FAINTEST * 10 - brightest + 1 }, () => 0)
for (const star of stars) counts[tenths(star) - brightest] += 1

const places = stars.map((star) => hundredths(star.geometry.coordinates))
const before = (index) => (index > 0 && tenths(stars[index - 1]) === tenths(stars[index]) ? places[index - 1][0] : 0)
const numberOf = new Map(places.map((place, index) => [String(place), index]))
const corners = []
const lines = read('constellations.lines.json').flatMap((one) =>
  one.geometry.coordinates.map((line) =>
    line.map((at) => numberOf.get(String(hundredths(at))) ?? -corners.push(hundredths(at))),
  ),
)
const names = read('constellations.json').map((one) => [
  one.properties.name,
  ...hundredths(one.geometry.coordinates),
  Number(one.properties.rank ?? 3),
])

const sky = {
  credit: 'Stars: XHIP, Anderson & Francis 2012, VizieR V/137D. Constellations: d3-celestial, Olaf Frohn.',
  brightest,
  counts,
  ra: places.map(([ra], index) => ra - before(index)),
  dec: places.map(([, dec]) => dec),
  lines,
  corners,
}
const text = JSON.stringify(sky)
const size = gzipSync(text, { level: 9 }).length
if (size > MOST_BYTES) throw new Error(`sky.json would be ${size} bytes gzipped, more than ${MOST_BYTES}`)
writeFileSync(new URL('sky.json', OUT), `${text}\n`)
writeFileSync(new URL('names.json', OUT), `${JSON.stringify(names)}\n`)
const notice = readFileSync(join(folder, 'LICENSE'), 'utf8').replace(/\s+/g, ' ').trim()
writeFileSync(new URL('NOTICE.txt', OUT), `${notice}\n`)
console.log(`${stars.length} stars, ${lines.length} lines, ${names.length} names; ${size} bytes gzipped`)
