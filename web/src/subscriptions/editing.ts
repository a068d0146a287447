/** A subscription being made or changed: where its draft comes from, where it is kept, how it is saved. */
import { computed, nextTick, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { session, settle } from '@/account/session'
import { type Task, useTask } from '@/account/task'
import { inWords } from '@/api/errors'
import type { Subscription } from '@/api/types'
import { useLeaving } from '@/app/leaving'
import { editor as words } from '@/messages/subscriptions'
import { toast } from '@/ui/toast'
import { draftFrom, queryOf, saysDraft } from './address'
import { type Draft, bodyOf, draftOf, newDraft, sameDraft } from './draft'
import { forgetKept, keep, kept } from './kept'
import { changeSubscription, createSubscription, readSubscription, sendSample } from './server'
import { siteNames } from './sites'
import { nameFor } from './words'

/** How long a draft stays as it is before the address follows, milliseconds: drawing changes it all the time. */
const PAUSE = 400

/** What the editor's page works with. */
export interface Editing {
  draft: ShallowRef<Draft>
  /** The subscription as the server has it; null of one that was never saved. */
  saved: ShallowRef<Subscription | null>
  /** Whether the draft is there to be edited. */
  isReady: Ref<boolean>
  /** Whether the draft is one that somebody left to sign in. */
  wasResumed: Ref<boolean>
  /** Whether the draft of a saved one differs from it. */
  isChanged: ComputedRef<boolean>
  loading: Task
  saving: Task
  /** The secret of a webhook that was just made, to be shown this once. */
  secret: Ref<string | null>
  /** Grows when deliveries are to be looked at anew. */
  round: Ref<number>
  /** This page's address with the draft in it, without the host. */
  here: ComputedRef<string>
  open(): Promise<void>
  save(withSample: boolean): Promise<void>
  /** Sends a sample of what is saved; what is not is saved first. */
  sample(): Promise<void>
  /** Goes on after the secret was kept. */
  secretKept(): void
  startOver(): void
  /** Goes to sign in or up, and comes back to this draft. */
  signIn(path: '/login' | '/register'): void
}

/** Edits the subscription of the given id; null makes a new one. For the life of the calling component. */
export function useEditing(id: string | null): Editing {
  const route = useRoute()
  const router = useRouter()
  const isLeaving = useLeaving()
  const path = id === null ? '/subscriptions/new' : `/subscriptions/${id}`
  const saved = shallowRef<Subscription | null>(null)
  /** What is saved, as the form showed it. */
  const before = shallowRef<Draft | null>(null)
  const draft = shallowRef<Draft>(newDraft())
  const isReady = ref(false)
  const wasResumed = ref(false)
  const secret = ref<string | null>(null)
  const round = ref(0)
  const loading = useTask()
  const saving = useTask()
  const isChanged = computed(() => before.value !== null && !sameDraft(draft.value, before.value))
  const here = computed(() => router.resolve({ path, query: queryOf(draft.value) }).fullPath)

  async function open() {
    if (id === null) {
      begin()
      return
    }
    await loading.run(() => load(id))
    if (loading.error.value && session.known.value && !session.account.value) {
      await router.replace({ path: '/login', query: { next: route.fullPath } })
    }
  }

  /** Begins with what the address says, or with what somebody left on this device to sign in. */
  function begin() {
    const resumed = kept()
    if (saysDraft(route.query)) {
      draft.value = draftFrom(route.query)
      // The address leaves the webhook out, but on this device it is not forgotten.
      const mine = resumed && sameDraft({ ...resumed.draft, webhook: null }, draft.value)
      if (mine) draft.value = resumed.draft
      wasResumed.value = Boolean(mine && resumed.saving)
    } else {
      draft.value = resumed?.saving ? resumed.draft : newDraft()
      wasResumed.value = Boolean(resumed?.saving)
    }
    isReady.value = true
  }

  async function load(wanted: string) {
    await settle()
    saved.value = await readSubscription(wanted)
    before.value = formOf(saved.value)
    draft.value = saysDraft(route.query) ? { ...draftFrom(route.query), webhook: before.value.webhook } : before.value
    isReady.value = true
    await nextTick()
    // The log was not there yet when the address named it.
    if (route.hash) document.getElementById(route.hash.slice(1))?.scrollIntoView()
  }

  let timer = 0
  watch([isReady, draft], () => {
    saving.error.value = null
    window.clearTimeout(timer)
    timer = window.setTimeout(write, PAUSE)
  })
  onScopeDispose(() => {
    window.clearTimeout(timer)
  })

  /** Writes the draft into the address, and a new one onto the device. */
  function write() {
    // One that was just saved is a draft no longer, while its secret is shown.
    if (!isReady.value || route.path !== path || (id === null && saved.value)) return
    // An older draft is worth more than a form nobody has touched.
    if (id === null && !sameDraft(draft.value, newDraft())) keep(draft.value, false)
    const query = id === null || isChanged.value ? queryOf(draft.value) : {}
    if (!isLeaving()) void router.replace({ path, query, hash: route.hash })
  }

  let goOn = () => undefined as unknown

  async function save(withSample: boolean) {
    await saving.run(async () => {
      const body = bodyOf(draft.value, nameFor(draft.value, siteNames.value))
      const made = id === null ? await createSubscription(body) : await changeSubscription(id, body)
      if (id === null) forgetKept()
      saved.value = made
      before.value = formOf(made)
      draft.value = before.value
      toast(id === null ? words.savedNew : words.saved)
      if (withSample) await tellSample(made.id)
      goOn = () => router.replace({ path: `/subscriptions/${made.id}`, hash: withSample ? '#deliveries' : '' })
      secret.value = made.webhook_secret ?? null
      if (secret.value === null) secretKept()
    })
  }

  function secretKept() {
    secret.value = null
    round.value += 1
    window.clearTimeout(timer)
    goOn()
  }

  /** What was saved stays saved when no sample of it can be sent. */
  async function tellSample(wanted: string) {
    try {
      toast(words.sampled(await sendSample(wanted)))
    } catch (error) {
      toast(inWords(error), 'error')
    }
  }

  async function sample() {
    if (id === null || isChanged.value) return save(true)
    await saving.run(() => tellSample(id))
    round.value += 1
  }

  function startOver() {
    if (id === null) forgetKept()
    wasResumed.value = false
    draft.value = before.value ?? newDraft()
  }

  function signIn(way: '/login' | '/register') {
    keep(draft.value, true)
    void router.push({ path: way, query: { next: here.value } })
  }

  void open()
  return {
    draft, saved, isReady, wasResumed, isChanged, loading, saving, secret, round, here,
    open, save, sample, secretKept, startOver, signIn,
  }
}

/** A saved one as a draft; a name that its rule made is made anew when the rule changes. */
function formOf(subscription: Subscription): Draft {
  const form = draftOf(subscription)
  return form.name === nameFor(form, siteNames.value) ? { ...form, name: '' } : form
}
