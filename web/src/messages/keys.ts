/** The words of the list of keys, which is fetched when it is first opened. */

/** The list of keys. */
export const keyList = {
  title: 'Keyboard',
  intro: 'Single letters do something wherever you are not typing.',
  off: 'Single letters are switched off. Enter and Escape still work.',
  elsewhere: 'On other pages',
  words: {
    '/': 'Search',
    j: 'Next',
    k: 'Previous',
    Enter: 'Open',
    Escape: 'Close',
    m: 'Map',
    t: 'Timeline',
    l: 'List',
    f: 'Filters',
    a: 'Tell me about this: a subscription from the filter',
    n: 'Next theme',
    p: 'Pause, or go on',
    '[': 'Timeline: earlier',
    ']': 'Timeline: later',
    '?': 'This list',
  },
} as const
