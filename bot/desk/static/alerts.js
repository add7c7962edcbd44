"use strict";
/* Somebody has decided: what may still be done is another page now. */
const fate = document.getElementById("fate");
if (fate) {
  new MutationObserver(() => {
    if (fate.querySelector("[data-decided]")) location.replace(fate.dataset.page);
  }).observe(fate, { childList: true });
}
/* What would happen, while the alert is being written. */
const alertForm = document.getElementById("alert-form");
if (alertForm) {
  const outlook = document.getElementById("outlook");
  let waiting = 0, rounds = 60;
  function ask(after) {
    clearTimeout(waiting);
    waiting = setTimeout(look, after);
  }
  async function look() {
    try {
      const answer = await fetch(alertForm.dataset.preview, { method: "POST", body: new FormData(alertForm) });
      if (answer.ok && !answer.redirected) outlook.innerHTML = await answer.text();
    } catch { /* the network is away: the button still shows a preview */ }
    again();
  }
  /* What is being counted is asked for until it is there. */
  function again() { if (outlook.querySelector("[data-pending]") && rounds-- > 0) ask(1000); }
  alertForm.addEventListener("input", () => ask(400));
  again();
}
