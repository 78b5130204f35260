// A link in a field, and a button that copies it; also where the browser keeps the clipboard to itself.
export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".copy-link") ?? begin(parentElement)
  const field = box.querySelector("input")
  if (field.value !== data.link) {
    field.value = data.link
    say(box, "")
  }
}

function begin(parent) {
  const box = document.createElement("div")
  box.className = "copy-link"
  const field = document.createElement("input")
  field.readOnly = true
  field.setAttribute("aria-label", "Link to this design")
  field.onfocus = () => field.select()
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = "Copy link"
  button.onclick = async () => say(box, (await copied(field)) ? "Copied" : "Press Ctrl+C or ⌘C to copy it")
  const word = document.createElement("span")
  word.setAttribute("role", "status")
  box.append(field, button, word)
  parent.append(box)
  return box
}

async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    // no clipboard without https, or it was refused: copy as a person would
    field.focus()
    field.select()
    return document.execCommand("copy")
  }
}

function say(box, text) {
  box.querySelector("span").textContent = text
}
