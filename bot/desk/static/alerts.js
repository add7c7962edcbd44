"use strict";
/* What would happen, while the alert is being written. */
const alertForm = document.getElementById("alert-form");
if (alertForm) {
  let waiting = 0;
  alertForm.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const answer = await fetch(alertForm.dataset.preview, { method: "POST", body: new FormData(alertForm) });
        if (answer.ok) document.getElementById("outlook").innerHTML = await answer.text();
      } catch { /* the network is away: the button still shows a preview */ }
    }, 400);
  });
}
