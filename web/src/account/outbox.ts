/** Whether this server shows the mails it would send on a page of its own: in demos and at home only. */
export async function hasOutbox(fetcher: typeof fetch = fetch): Promise<boolean> {
  try {
    const answer = await fetcher('/outbox.css', { method: 'HEAD' })
    return answer.ok && (answer.headers.get('content-type') ?? '').startsWith('text/css')
  } catch {
    return false
  }
}
