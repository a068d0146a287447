/** Ready examples of using a token; `origin` is this server's, such as `https://example.org`. */
export function examples(token: string, origin: string): { curl: string; socket: string } {
  const header = `Authorization: Bearer ${token}`
  const live = `${origin.replace(/^http/, 'ws')}/api/activities/live?facility=JWST`
  return {
    curl: `curl -H '${header}' \\\n  '${origin}/api/subscriptions'`,
    // Browsers send no headers with a socket; programs do.
    socket: `websocat -H '${header}' \\\n  '${live}'`,
  }
}
