/** What the server holds of a target or a programme. */
import type { components } from '@/api/schema'

export type Overview = components['schemas']['Overview']
