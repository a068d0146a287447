import { onBeforeUnmount, onMounted, type Ref } from 'vue'

/** Makes a `details` close when something beside it is pressed or gets the focus; answers what to do with its keys. */
export function useDropDown(menu: Readonly<Ref<HTMLElement | null>>): (event: KeyboardEvent) => void {
  const opened = () => (menu.value instanceof HTMLDetailsElement && menu.value.open ? menu.value : null)

  function close({ target }: Event) {
    const details = opened()
    if (details && target instanceof Node && !details.contains(target)) details.open = false
  }

  onMounted(() => {
    document.addEventListener('pointerdown', close)
    document.addEventListener('focusin', close)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('pointerdown', close)
    document.removeEventListener('focusin', close)
  })

  return (event) => {
    const details = opened()
    if (event.key !== 'Escape' || !details) return
    event.stopPropagation()
    event.preventDefault()
    details.open = false
    details.querySelector('summary')?.focus()
  }
}
