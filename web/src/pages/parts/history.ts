/** What came in from a source over time, as the server counts it. */
import type { components } from '@/api/schema'

export type SourceHistory = components['schemas']['SourceHistory']
