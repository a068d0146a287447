/** What is kept about people, why, and for how long. Change it with the server's accounts and subscriptions. */

/** A paragraph, or a list of what is kept and why. */
export interface Section {
  heading: string
  text?: string
  list?: readonly { what: string; why: string }[]
}

/** The page on privacy. */
export const privacy = {
  title: 'Privacy',
  lead: 'Starboard shows what telescopes do and tells people about it. It wants to know as little as possible about you: no advertising, no counting of visitors, nothing from other hosts in these pages.',
  sections: [
    {
      heading: 'If you only look',
      text: 'The server stores nothing about you and sets no cookie. To hold back floods, the server counts requests for things like signing in or trying out a subscription under a scrambled form of your network address, and forgets the count when its time is over.',
    },
    {
      heading: 'On your own device',
      text: 'Theme and other choices on how these pages look, the last list you saw, and the app itself for reading without a network. A subscription that you have not saved yet may wait there too. They leave your device only where you save something. Clearing the data of this site in your browser removes them all.',
    },
    {
      heading: 'If you have an account',
      list: [
        {
          what: 'Your mail address, the time zone you chose, and when the account was made and the address confirmed',
          why: 'to sign you in and to write to you. If your mail server refuses mails, that and its words are kept so that you can see why none come.',
        },
        { what: 'Your password, as an Argon2id hash', why: 'to compare. The password itself is never stored.' },
        {
          what: 'The secret of your second factor, encrypted, and hashes of your recovery codes',
          why: 'if you switched it on.',
        },
        {
          what: 'Your sessions: name of the browser, network address at signing in (of IPv6 the first half only), begin, last use',
          why: 'so that you can recognise and end them. A session goes when you sign out, after 30 days without use, after 180 days in any case. Its cookie holds a random text, of which the server knows a hash.',
        },
        { what: 'Your API tokens: name, scope, end, last use, and a hash', why: 'to let your programs in.' },
        { what: 'Your sites: name, position, height, horizon', why: 'to work out what can be seen from there.' },
        {
          what: 'Your subscriptions: what you asked for, when and where it is to be sent; secrets of webhooks encrypted',
          why: 'to tell you what you want to know.',
        },
        {
          what: 'Deliveries: what was sent, why it matched, when, and what the receiving server answered',
          why: 'so that nothing is sent twice and you can look it up. They go 400 days after they ended.',
        },
        {
          what: 'Links that were mailed to confirm an address or to choose a password, as hashes with the address; one that registers holds the hash of the chosen password too',
          why: 'so that a link works once, and only for a while: a day at most.',
        },
      ],
    },
    {
      heading: 'Taking it away',
      text: 'Settings let you download all of it as JSON, and delete the account: everything above then goes at once, but for the bare number under which a subscription was known, which stays for 30 days so that no process sends for it. Every mail has a link that ends its subscription without signing in.',
    },
    {
      heading: 'Who else gets to see it',
      text: 'Mails go through the mail server, and webhooks to the address, that are set for them. If whoever runs this server has set up error reports, those go to the service they chose. Nobody else.',
    },
    {
      heading: 'Names of astronomers',
      text: 'Principal investigators and titles of programmes are shown as their observatories publish them; co-investigators are left out. When an observatory withdraws a name, it is removed here as well, from what was kept too. If yours should not stand here, write to whoever runs this server, and best to the observatory as well.',
    },
    {
      heading: 'Whom to ask',
      text: 'Whoever runs this server: their address stands in the mails it sends. The software is open; this page describes what it does unless they have changed it.',
    },
  ] as readonly Section[],
  settings: 'Settings',
} as const
