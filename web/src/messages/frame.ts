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
    if (status === 401) return 'Sign in to do this.'
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
  claim: 'What the world’s telescopes are doing',
  skip: 'Skip to the content',
  loading: 'Loading…',
  opening: 'Opening the page…',
  close: 'Close',
  copied: 'Copied.',
  notCopied: (text: string) => `The browser did not let us copy. Here it is to select by hand: ${text}`,
  dismiss: 'Dismiss',
  toasts: 'Messages',
  newVersion: 'There is a new version of this page.',
  reload: 'Reload',
  later: 'Later',
} as const

/** The navigation. */
export const navigation = {
  label: 'Main',
  menu: 'Menu',
  live: 'Live',
  facilities: 'Facilities',
  targets: 'Targets',
  subscriptions: 'Subscriptions',
  sources: 'Sources',
} as const

/** Titles of the pages, before ` · Starboard`. */
export const titles = {
  live: 'Now',
  facilities: 'Facilities',
  facility: 'Facility',
  targets: 'Targets',
  target: 'Target',
  sky: 'Position on the sky',
  programme: 'Programme',
  subscriptions: 'Subscriptions',
  subscriptionNew: 'New subscription',
  subscription: 'Subscription',
  sources: 'Sources',
  login: 'Sign in',
  register: 'Create an account',
  forgot: 'Forgotten password',
  settings: 'Settings',
  privacy: 'Privacy',
  notFound: 'Page not found',
  broken: 'This page broke',
} as const

/** The account's corner of the header. */
export const account = {
  signIn: 'Sign in',
  register: 'Create an account',
  menu: 'Account',
  settings: 'Settings',
  signOut: 'Sign out',
  signedOut: 'You are signed out.',
} as const

/** The pill that says how news come in. */
export const pill = {
  starting: 'Connecting…',
  live: 'Connected',
  polling: 'Connected, news every 30 s',
  reachable: (good: number, all: number) => `${String(good)} of ${String(all)} sources reachable`,
  sourcesOf: (good: number, all: number) => `${String(good)} of ${String(all)} sources`,
  late: (names: readonly string[]) => `${names.join(', ')} late`,
  lateCount: (count: number) => `${String(count)} late`,
  reconnecting: (seconds: number) => `Reconnecting in ${String(seconds)} s`,
  reconnectingNow: 'Reconnecting…',
  tryNow: 'try now',
  offline: 'Offline',
  offlineSince: (heard: string) => `Offline — last heard ${heard}`,
  sources: 'How each source does',
} as const

/** The clock of the header. */
export const clock = {
  utc: 'UTC',
  local: 'local',
  sidereal: 'LST',
  name: { utc: 'Universal time', local: 'Your local time', sidereal: 'Local sidereal time' },
  sub: (site: string) => `at ${site}`,
  turn: (next: string) => `Show ${next.toLowerCase()} instead`,
} as const

/** How the page looks and behaves. */
export const display = {
  title: 'Display',
  theme: 'Theme',
  themes: { night: 'Night', day: 'Day', red: 'Red light', system: 'As the device' },
  brightness: 'Brightness',
  percent: (value: number) => `${String(value)} %`,
  coordinates: 'Coordinates',
  coordinateKinds: { sexagesimal: 'Sexagesimal', decimal: 'Decimal degrees', galactic: 'Galactic' },
  density: 'Density',
  densities: { comfortable: 'Comfortable', compact: 'Compact' },
  clock: 'Clock',
  clocks: { utc: 'UTC', local: 'Local time', sidereal: 'Sidereal time' },
  site: 'Site for sidereal time',
  noSite: 'Greenwich',
  singleKeys: 'Single letters are commands',
  keys: 'Keyboard commands',
  now: (theme: string) => `Theme: ${theme}`,
} as const

/** The search box. */
export const search = {
  label: 'Search targets, programmes, facilities or coordinates',
  placeholder: 'Search',
  open: 'Search',
  close: 'Close the search',
  results: 'Suggestions',
  groups: { position: 'Position', facility: 'Facilities', target: 'Targets', programme: 'Programmes', board: 'Board' },
  position: (text: string) => `Everything around ${text}`,
  board: (text: string) => `Activities with “${text}”`,
  found: (count: number) => (count === 1 ? '1 suggestion' : `${String(count)} suggestions`),
  failed: 'Suggestions are not available now. Enter shows what the board holds.',
} as const

/** The foot of the page. */
export const footer = {
  version: (version: string) => `Starboard ${version}`,
  credits: 'Data from',
  policy: 'data policy',
  noCredits: 'The sources and their credits stand on the page of sources.',
  notAffiliated: 'Not affiliated with ESO, NASA, ESA or STScI.',
  links: 'About',
  api: 'API',
  status: 'Status of the sources',
  privacy: 'Privacy',
  licences: 'Licences',
  lite: 'Plain pages',
} as const

/** When the page shows what the device kept. */
export const stored = {
  offline: (when: string) => `Offline — showing what this device kept at ${when}.`,
  unreachable: (when: string) => `The server can’t be reached — showing what this device kept at ${when}.`,
} as const

/** Pages that nobody wants to see. */
export const lost = {
  heading: 'There is no such page',
  text: 'The address may be mistyped, or what stood here is gone.',
  live: 'See what is being observed now',
  facilities: 'Look at the facilities',
  brokenHeading: 'This page broke',
  brokenText: 'What you see elsewhere is not touched by it, and nothing that was saved is lost.',
  unreachableHeading: 'This page can’t be loaded',
  home: 'Go to the live page',
} as const
