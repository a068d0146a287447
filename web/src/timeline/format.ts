/** Times on the axis and in spoken names, UTC. */

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const DAY = 86_400_000

/** “03:14”. */
export function clockOf(time: number): string {
  return clock.format(time)
}

/** “21 Nov”. */
export function dayOf(time: number): string {
  return day.format(time)
}

/** What a tick says: the day at midnight, the clock otherwise. */
export function tickOf(time: number): string {
  return time % DAY === 0 ? dayOf(time) : clockOf(time)
}

/** “21 Nov 03:14 to 04:20 UTC”; the second day only where it is another one. */
export function spanOf(from: number, to: number): string {
  const second = dayOf(from) === dayOf(to) ? clockOf(to) : `${dayOf(to)} ${clockOf(to)}`
  return `${dayOf(from)} ${clockOf(from)} to ${second} UTC`
}
