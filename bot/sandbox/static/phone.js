// The phone page: shows one citizen's screen and sends what is typed. Talks only to the stand-in.
"use strict";

const QUICK = ["Start", "Stopp", "Nur Notfälle", "Aktuell", "Hilfe", "Datenschutz", "Alle Daten löschen"];
const TICKS = {"": "🕓", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "✗"};
const TICK_WORDS = {"": "unterwegs", sent: "gesendet", delivered: "zugestellt", read: "gelesen", failed: "nicht zugestellt"};
const $ = (id) => document.getElementById(id);
let current = null;
let shown = "";

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// *bold*, _italic_ and links, as the messenger shows them; everything else stays text.
function formatted(text) {
  const paragraph = element("p");
  const pattern = /(https?:\/\/\S+)|\*([^*\n]+)\*|(?<![\w])_([^_\n]+)_(?![\w])/g;
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    paragraph.append(text.slice(last, found.index));
    if (found[1]) {
      const link = element("a", found[1]);
      link.href = found[1];
      link.rel = "noopener noreferrer";
      link.target = "_blank";
      paragraph.append(link);
    } else {
      paragraph.append(element(found[2] ? "strong" : "em", found[2] || found[3]));
    }
    last = found.index + found[0].length;
  }
  paragraph.append(text.slice(last));
  return paragraph;
}

function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("de-DE", {hour: "2-digit", minute: "2-digit"});
}

function bubble(message) {
  const box = element("article", undefined, message.mine ? "bubble mine" : "bubble");
  if (message.template) {
    box.append(element("div", `Vorlage ${message.template} · ${message.category}`, "frame"));
  }
  if (message.picture) {
    const picture = element("img");
    picture.src = message.picture;
    picture.alt = "Bild zur Nachricht";
    box.append(picture);
  }
  if (message.header) box.append(element("strong", message.header));
  box.append(formatted(message.body));
  if (message.footer) box.append(element("div", message.footer, "foot"));
  if (message.buttons.length) box.append(choices(message));
  const meta = element("span", `${clock(message.at)} `, "meta");
  if (message.silent) meta.append(element("span", "🔕 lautlos "));
  if (!message.mine) {
    const ticks = element("span", TICKS[message.status], `ticks ${message.status}`);
    ticks.title = TICK_WORDS[message.status] + (message.code ? ` (${message.code})` : "");
    ticks.append(element("span", TICK_WORDS[message.status], "hidden"));
    meta.append(ticks);
  }
  box.append(meta);
  return box;
}

function choices(message) {
  const group = element("div", undefined, "choices");
  for (const button of message.buttons) {
    const made = element("button", button.title);
    made.type = "button";
    made.addEventListener("click", () => act("tap", {choice: button.id}));
    group.append(made);
  }
  return group;
}

// The other messengers' people have their own paths, and an id that begins with a letter.
const OTHERS = {t: "telegram", m: "messenger", i: "instagram"};

function pathOf(id) {
  const other = OTHERS[id[0]];
  return other ? `/sandbox/${other}/people/${id.slice(1)}` : `/sandbox/people/${id}`;
}

async function everybody() {
  const paths = ["", ...Object.values(OTHERS).map((name) => `/${name}`)];
  const lists = await Promise.all(paths.map((path) => ask(`/sandbox${path}/people`)));
  return lists.flat();
}

function windowText(chat) {
  const parts = chat.channel ? [chat.channel] : [];
  if (chat.blocked) parts.push("blockiert");
  if (!chat.channel || chat.has_window) parts.push(openFor((chat.window_closes || 0) - chat.now));
  return parts.join(" · ");
}

function openFor(left) {
  if (left <= 0) return "24-Stunden-Fenster geschlossen";
  const hours = Math.floor(left / 3600);
  return `Fenster offen, noch ${hours} h ${Math.floor((left % 3600) / 60)} min`;
}

async function showChat() {
  const chat = await ask(pathOf(current));
  $("window").textContent = `${chat.name} · ${windowText(chat)}`;
  $("close").hidden = !chat.has_window;
  $("unsend").hidden = !chat.unsends;
  const print = JSON.stringify([current, chat.messages]);
  if (print === shown) return;
  shown = print;
  const box = $("chat");
  const items = [];
  let day = "";
  for (const message of chat.messages) {
    const date = new Date(message.at * 1000).toLocaleDateString("de-DE", {weekday: "long", day: "numeric", month: "long"});
    if (date !== day) items.push(element("div", date, "day"));
    day = date;
    items.push(bubble(message));
  }
  if (!items.length) items.push(element("div", "Noch nichts geschrieben. Versuchen Sie „Start“.", "empty"));
  box.replaceChildren(...items);
  box.scrollTop = box.scrollHeight;
}

let listed = "";
async function showPeople() {
  const people = await everybody();
  if (!current && people.length) current = people[0].wa_id;
  const print = JSON.stringify([current, people]);
  if (print === listed) return;
  listed = print;
  const focused = document.activeElement && document.activeElement.dataset.person;
  $("people").replaceChildren(...people.map((person) => {
    const made = element("button");
    made.type = "button";
    made.dataset.person = person.wa_id;
    made.setAttribute("aria-current", String(person.wa_id === current));
    if (person.unread) made.append(element("span", String(person.unread), "count"));
    made.append(element("strong", person.name), element("small", `${person.channel ? person.channel + " · " : ""}${person.last?.replaceAll("*", "") || (person.channel ? "" : "+" + person.wa_id)}`));
    made.addEventListener("click", () => { current = person.wa_id; refresh(); });
    const item = element("li");
    item.append(made);
    return item;
  }));
  if (focused) document.querySelector(`[data-person="${focused}"]`)?.focus();
}

async function refresh() {
  try {
    await showPeople();
    if (current) await showChat();
    $("hint").textContent = "";
  } catch {
    $("hint").textContent = "Der Übungsplatz antwortet nicht (beendet?).";
  }
}

async function act(name, body) {
  await ask(`${pathOf(current)}/${name}`, body);
  refresh();
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text || !current) return;
  $("text").value = "";
  act("text", {text});
});
$("image").addEventListener("click", () => current && act("image", {}));
$("close").addEventListener("click", () => act("close_window", {}));
$("unsend").addEventListener("click", () => act("unsend", {}).catch(() => {
  $("hint").textContent = "Da ist keine eigene Nachricht, die zurückgerufen werden könnte.";
}));
$("add").addEventListener("click", async () => {
  const people = await ask("/sandbox/people");
  const taken = new Set(people.map((person) => person.wa_id));
  for (let n = 1; n < 100; n += 1) {
    const number = `49176040690${String(n).padStart(2, "0")}`;
    if (!taken.has(number)) {
      current = (await ask("/sandbox/people", {number})).wa_id;
      return refresh();
    }
  }
  return undefined;
});
$("quick").replaceChildren(...QUICK.map((word) => {
  const made = element("button", word);
  made.type = "button";
  made.addEventListener("click", () => current && act("text", {text: word}));
  return made;
}));

refresh();
setInterval(refresh, 700);
