"use strict";
/* Dragging a post to another day, the preview beside the form, the draft kept while typing. */

const form = document.getElementById("post-form");
if (form) {
  let waiting = 0, typed = false;
  const data = () => { const given = new FormData(form); given.delete("image"); return given; };
  let chosen = "";
  /* A picture that nobody has described (WCAG 1.1.1). */
  function remind() {
    const has = (chosen || document.querySelector("#post-form img.present")) && !form.elements.drop_image?.checked;
    document.getElementById("without-alt").hidden = !has || form.elements.image_alt.value.trim() !== "";
  }
  /* A picture is uploaded with the form only: until then the browser shows its own copy. */
  function showPicture() {
    if (!chosen || form.elements.drop_image?.checked) return;
    document.querySelectorAll("#phones .bubble").forEach((bubble) => {
      const picture = bubble.querySelector("img") || bubble.insertAdjacentElement("afterbegin", document.createElement("img"));
      picture.src = chosen;
      picture.alt = "";
    });
  }
  form.elements.image.addEventListener("change", () => {
    const file = form.elements.image.files[0];
    chosen = "";
    if (!file) { remind(); show().catch(() => {}); return; }
    const reader = new FileReader();
    reader.addEventListener("load", () => { chosen = reader.result; showPicture(); remind(); });
    reader.readAsDataURL(file);
  });
  async function show() {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data() });
    if (!answer.ok || answer.redirected) return;
    document.getElementById("phones").innerHTML = await answer.text();
    showPicture();
  }
  async function keep() {
    if (!typed) return;
    typed = false;
    const given = data();
    given.set("form", form.dataset.form);
    const answer = await fetch(form.dataset.draft, { method: "POST", body: given });
    if (answer.ok) document.getElementById("draft-said").textContent = (await answer.json()).said;
  }
  form.addEventListener("input", () => {
    typed = true;
    remind();
    clearTimeout(waiting);
    waiting = setTimeout(() => show().catch(() => {}), 350);
  });
  setInterval(() => keep().catch(() => { typed = true; }), 3000);
}

let dragged = null;
document.querySelectorAll("[data-post]").forEach((post) => {
  post.addEventListener("dragstart", () => { dragged = post; });
});
document.querySelectorAll("[data-day]").forEach((day) => {
  day.addEventListener("dragover", (event) => { event.preventDefault(); day.classList.add("over"); });
  day.addEventListener("dragleave", () => day.classList.remove("over"));
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    day.classList.remove("over");
    if (!dragged || day.contains(dragged)) return;
    const move = dragged.querySelector("form.move");
    move.elements.on.value = day.dataset.day;
    move.requestSubmit();
  });
});
