/** Words of one activity on the board: card and row. */

/** What is said of its time. Nothing here is surer than the source. */
export const timing = {
  since: (words: string) => `since ${words}`,
  began: (words: string) => `began ${words}`,
  plannedEndIn: (words: string) => `planned end ${words}`,
  plannedEndPassed: 'planned end has passed',
  starts: (words: string) => `planned start ${words}`,
  noTime: 'no time yet',
  notHeard: 'planned start has passed, nothing heard',
  outcomeUnknown: (words: string) => `planned end was ${words}; outcome unknown`,
  lastKnown: (what: string) => `Last known: ${what}`,
  ended: (words: string) => `ended ${words}`,
  lastExposure: (words: string) => `newest exposure ended ${words}`,
  endUnknown: 'end unknown',
  aborted: (words: string) => `did not happen as planned; was to end ${words}`,
  withdrawn: 'withdrawn from the plan',
}

/** Words of the card. */
export const card = {
  noTarget: 'target unknown',
  noInstrument: 'instrument unknown',
  programme: (id: string) => `programme ${id}`,
  pi: (name: string) => `PI ${name}`,
  parallel: (prime: string) => `In parallel with ${prime}`,
  otherObservation: 'another observation',
  intentUnknown: 'intent unknown',
  upcoming: 'planned',
  span: (from: string, until: string) => `${from} – ${until}`,
  from: (time: string) => `from ${time}`,
  progress: 'Share of the published time that has passed',
  source: (source: string, time: string) => `Told by ${source}; last changed ${time}`,
  more: 'Everything known about it',
  demo: 'demo data',
}

/** Words of the table. */
export const table = {
  caption: 'Activities on the board; a header sorts',
  facility: 'Facility',
  target: 'Target',
  instrument: 'Instrument',
  state: 'State',
  basis: 'Known by',
  start: 'Start (UTC)',
  end: 'End (UTC)',
  position: 'RA, Dec (°)',
  programme: 'Programme',
  pi: 'PI',
  none: '—',
}
