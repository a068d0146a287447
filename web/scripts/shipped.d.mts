/** A package whose code may be in the bundle. */
export interface Shipped {
  name: string
  version: string
  licence: string
  /** The text of its licence; empty where it ships none. */
  text: string
}

/** The packages whose code may be in the bundle, by name. */
export function shipped(): Shipped[]
