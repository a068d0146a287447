/** The clock on the wall of a site. */

/** “14:05 GMT−3”, of a time (ms) in a zone of the IANA database. */
export function clockAt(time: number, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone, timeZoneName: 'short' })
  return format.format(time)
}
