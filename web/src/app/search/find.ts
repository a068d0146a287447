/** The search in one piece, fetched when somebody first goes to the box. */
import { searchServer } from './server'
import { suggest, type Suggestion } from './suggest'

export { atOnce } from './suggest'

const server = searchServer()

/** The suggestions for a text, as the server knows them. */
export function find(text: string, signal: AbortSignal): Promise<Suggestion[]> {
  return suggest(text, server, signal)
}
