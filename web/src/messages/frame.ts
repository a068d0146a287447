/** The words of the frame around the pages, and of the small parts that every page uses. */

/** What is said in place of a value that nobody gave. */
export const unknown = {
  time: 'time unknown',
  position: 'position unknown',
  value: 'unknown',
} as const

/** How a claim is known; `late` stands beside it when the source has gone silent. */
export const basis: Readonly<Record<string, string>> = {
  reported: 'reported',
  scheduled: 'by plan',
  archived: 'archived',
  late: 'source is late',
}

/** About positions. */
export const coordinates = {
  icrs: 'Right ascension and declination, ICRS',
  galactic: 'Galactic longitude and latitude',
  copy: 'Copy the coordinates in degrees',
} as const

/** What is said when something fails. */
export const problems = {
  unreachable: 'The server can’t be reached. Check your connection, then try again.',
  unknown: 'Something went wrong in this page. Reload it; if that does not help, tell whoever runs this server.',
  aborted: 'The request was called off.',
  retry: 'Try again',
  meant: (meant: string) => `Did you mean “${meant}”?`,
  later: (seconds: number) =>
    seconds < 120 ? `Try again in ${String(seconds)} s.` : `Try again in ${String(Math.ceil(seconds / 60))} min.`,
  status(status: number): string {
    if (status === 401) return 'Sign in to see this.'
    if (status === 403) return 'This account may not do that.'
    if (status === 404) return 'There is no such thing here, or no longer.'
    if (status === 429) return 'Too many requests from here.'
    if (status >= 500) return `The server failed (${String(status)}). It is not your doing; try again in a minute.`
    return `The server refused the request (${String(status)}).`
  },
} as const

/** Words that belong to no page. */
export const frame = {
  name: 'Starboard',
  loading: 'Loading…',
  close: 'Close',
  copied: 'Copied.',
  notCopied: (text: string) => `The browser did not let us copy. Here it is to select by hand: ${text}`,
} as const
