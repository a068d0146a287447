// Lists the packages that are shipped, and fails on a licence that MIT and Apache 2.0 cannot stand
// beside without more ado.
import { shipped } from './shipped.mjs'

const FINE = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0'])

const wrong = []
for (const { name, version, licence } of shipped()) {
  console.log(`${licence.padEnd(14)} ${name} ${version}`)
  if (!FINE.has(licence)) wrong.push(name)
}
if (wrong.length > 0) {
  console.error(`to be looked at by a person: ${wrong.join(', ')}`)
  process.exitCode = 1
}
