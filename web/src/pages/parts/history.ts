/** What came in from a source over time, as the server counts it. */
export interface SourceHistory {
  name: string
  /** When the newest of its activities was first heard of. */
  newest: string | null
  /** Newest end among what it says was done. */
  newest_t_max: string | null
  /** Median from the end of an observation until we heard of it, seconds; null where too few are known. */
  median_delay_s: number | null
  /** How many that stands on. */
  delays: number
  /** 48 hours, oldest first. */
  hours: { at: string; events: number }[]
  /** 90 UTC days, oldest first; `kept` is false for days before it was first asked. */
  days: { date: string; activities: number; kept: boolean }[]
}
