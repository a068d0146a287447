import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'
import { titles } from '@/messages/frame'

declare module 'vue-router' {
  interface RouteMeta {
    /** Before ` · Starboard` in the window's title. */
    title?: string
  }
}

/** The pages. Each is a chunk of its own, fetched when it is first wanted. */
export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'live', component: () => import('@/live/LivePage.vue'), meta: { title: titles.live } },
  // Mails lead here: the board with the activity's panel open.
  {
    path: '/activities/:id',
    redirect: ({ params, query }) => ({ path: '/', query: { ...query, a: params.id } }),
  },
  {
    path: '/facilities',
    name: 'facilities',
    component: () => import('@/pages/FacilitiesPage.vue'),
    meta: { title: titles.facilities },
  },
  {
    path: '/facilities/:name',
    name: 'facility',
    component: () => import('@/pages/FacilityPage.vue'),
    meta: { title: titles.facility },
  },
  {
    path: '/targets',
    name: 'targets',
    component: () => import('@/pages/TargetPage.vue'),
    meta: { title: titles.targets },
  },
  {
    path: '/targets/:name',
    name: 'target',
    component: () => import('@/pages/TargetPage.vue'),
    meta: { title: titles.target },
  },
  {
    path: '/sky/:position',
    name: 'sky',
    component: () => import('@/pages/SkyPositionPage.vue'),
    meta: { title: titles.sky },
  },
  {
    path: '/programmes/:collection/:id',
    name: 'programme',
    component: () => import('@/pages/ProgrammePage.vue'),
    meta: { title: titles.programme },
  },
  {
    path: '/subscriptions',
    name: 'subscriptions',
    component: () => import('@/subscriptions/SubscriptionsPage.vue'),
    meta: { title: titles.subscriptions },
  },
  {
    path: '/subscriptions/new',
    name: 'subscription-new',
    component: () => import('@/subscriptions/SubscriptionEditor.vue'),
    meta: { title: titles.subscriptionNew },
  },
  {
    path: '/subscriptions/:id',
    name: 'subscription',
    component: () => import('@/subscriptions/SubscriptionEditor.vue'),
    meta: { title: titles.subscription },
  },
  {
    path: '/sources',
    name: 'sources',
    component: () => import('@/pages/SourcesPage.vue'),
    meta: { title: titles.sources },
  },
  { path: '/login', name: 'login', component: () => import('@/account/LoginPage.vue'), meta: { title: titles.login } },
  {
    path: '/register',
    name: 'register',
    component: () => import('@/account/RegisterPage.vue'),
    meta: { title: titles.register },
  },
  {
    path: '/forgot',
    name: 'forgot',
    component: () => import('@/account/ForgotPage.vue'),
    meta: { title: titles.forgot },
  },
  {
    path: '/settings',
    name: 'settings',
    component: () => import('@/account/SettingsPage.vue'),
    meta: { title: titles.settings },
  },
  { path: '/privacy', name: 'privacy', component: () => import('./PrivacyPage.vue'), meta: { title: titles.privacy } },
  {
    path: '/:path(.*)*',
    name: 'not-found',
    component: () => import('./NotFoundPage.vue'),
    meta: { title: titles.notFound },
  },
]

/** The app's router. A way back goes to where one was, a new way to the top or to what its `#` names. */
export const router: Router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    if (to.hash) return { el: to.hash }
    return to.path === from.path ? false : { top: 0 }
  },
})
