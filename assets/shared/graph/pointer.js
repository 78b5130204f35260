// What the pointer does with a picture: it drags it about, zooms it, and points at or picks what is in it.

const STILL = 4 // pixels up to which a press is a click

class Pointer {
  constructor(svg, camera, { hover, pick, leave }) {
    let held = null
    svg.addEventListener("pointerdown", (event) => {
      if (event.button === 0) held = { at: camera.place(event), moved: false }
    })
    svg.addEventListener("pointermove", (event) => {
      if (!held) return hover(event.target, event.clientX, event.clientY)
      const now = camera.place(event)
      const [dx, dy] = [now.x - held.at.x, now.y - held.at.y]
      if (!held.moved && Math.hypot(dx, dy) < STILL) return
      if (!held.moved) svg.setPointerCapture(event.pointerId)
      held.moved = true
      leave()
      svg.classList.add("held")
      camera.pan(dx, dy)
    })
    const release = (event) => {
      if (held && !held.moved && event.type === "pointerup") pick(event.target)
      held = null
      svg.classList.remove("held")
    }
    svg.addEventListener("pointerup", release)
    svg.addEventListener("pointercancel", release)
    svg.addEventListener("pointerleave", leave)
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey && !document.fullscreenElement) return // plain scrolling stays with the page
      event.preventDefault()
      camera.zoom(event.deltaY > 0 ? 1.15 : 0.87, camera.place(event))
    }, { passive: false })
  }
}
