/** Shape of a claim: runs now as reported, runs now by plan, is planned, is over. */
export type Mark = 'filled' | 'half' | 'ring' | 'dot'

/** The shape for what a source said of an activity. */
export function markOf(basis: string, status: string): Mark {
  if (status === 'in_progress') return basis === 'reported' ? 'filled' : 'half'
  return status === 'scheduled' || status === 'planned' ? 'ring' : 'dot'
}
