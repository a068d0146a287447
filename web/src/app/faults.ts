import { shallowRef, type ShallowRef } from 'vue'

/** Why the page can't be shown; null when it can. */
export const fault: ShallowRef<{ error: unknown; missing: boolean } | null> = shallowRef(null)

/**
 * Where an error leaves a page that cannot be used: in setting up, drawing, mounting or updating a
 * component. Vue names the place in words while developing and by the end of a link otherwise.
 */
const BREAKING: readonly string[] = [
  ...['setup function', '0', 'render function', '1', 'component update', '15'],
  ...['beforeCreate hook', 'bc', 'created hook', 'c', 'beforeMount hook', 'bm', 'mounted hook', 'm'],
  ...['beforeUpdate hook', 'bu', 'updated', 'u'],
]

/** Whether an error caught there breaks the page, rather than one thing that somebody tried to do. */
export function breaksPage(info: string): boolean {
  return BREAKING.includes(/#runtime-(.+)$/.exec(info)?.[1] ?? info)
}
