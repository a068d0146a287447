import { createApp } from 'vue'
import App from './app/App.vue'
import { watchArrivals } from './app/arrival'
import { watchFetching } from './app/fetching'
import { router } from './app/router'
import { recogniseVisitor } from './app/visitor'
import { keepForOffline } from './app/offline'
import { startClock } from './time/clock'
import './ui/tokens.css'
import './ui/base.css'
import './ui/controls.css'
import './ui/parts.css'
import './app/frame.css'
import { wearTheme } from './ui/theme'

wearTheme()
startClock()
watchArrivals(router)
watchFetching(router)
void recogniseVisitor()
createApp(App).use(router).mount('#app')
if (import.meta.env.PROD) keepForOffline()
