"use strict";
/* What makes pages live; each works without it. Elements ask for it by their attributes:
   data-live="URL" (and data-every="seconds")  its content is fetched anew
   data-count="ID" data-most="N"               signs left in the field with that id
   data-confirm="text"                         asked before a form is sent                    */

/* Whether something would be lost: signed out, the page is not loaded anew over what was typed. */
function isTyped() {
  return [...document.querySelectorAll("textarea, input[type=text]")].some((field) => field.value !== field.defaultValue);
}

function liven(part) {
  const every = Number(part.dataset.every || 5) * 1000;
  async function again() {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: { "X-Live": "1" } });
      if (answer.status === 401) { if (!isTyped()) location.reload(); return; }
      if (!answer.ok) return;
      const text = await answer.text();
      if (text !== part.dataset.last) {
        part.dataset.last = text;
        const held = document.activeElement && part.contains(document.activeElement) ? document.activeElement.id : "";
        part.innerHTML = text;
        if (held) document.getElementById(held)?.focus();
      }
      if (part.querySelector("[data-done]")) clearInterval(timer);
    } catch { /* the network is away: the next round asks again */ }
  }
  const timer = setInterval(again, every);
}

function count(shown) {
  const field = document.getElementById(shown.dataset.count);
  const most = Number(shown.dataset.most);
  if (!field) return;
  function show() {
    const left = most - [...field.value].length;
    shown.textContent = shown.dataset.words.replace("%s", left);
    shown.classList.toggle("over", left < 0);
  }
  field.addEventListener("input", show);
  show();
}

document.querySelectorAll("[data-live]").forEach(liven);
document.querySelectorAll("[data-count]").forEach(count);
let isSending = false;
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
  isSending = !event.defaultPrevented;
});
/* A link on the way ("Earlier", "Back") would drop what was typed: the browser asks first. Where a
   draft is kept while typing, nothing is lost. */
window.addEventListener("beforeunload", (event) => {
  const typed = [...document.querySelectorAll("form:not([data-draft]) textarea")];
  if (!isSending && typed.some((field) => field.value !== field.defaultValue)) event.preventDefault();
});
