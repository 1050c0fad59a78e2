// Shows who served this page and how long its parts took, as the server and the browser tell it.

const AT_ONCE = 12;
const at = (id) => document.getElementById(id);

/** An element with text and attributes. */
function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Who answered, from `Served-By: epoll; worker="loop"`. */
function servedBy(reply) {
  const [, model, worker] = /^([^;]+); *worker="([^"]*)"/.exec(reply.headers.get("Served-By")) ?? [];
  return { model: model ?? "another server", worker: worker ?? "unknown" };
}

const milliseconds = (time) => `${time.toFixed(time < 10 ? 1 : 0)} ms`;
const bytes = (size) => (size < 1000 ? `${size} B` : `${(size / 1000).toFixed(1)} kB`);

/** Fills `list` with a bar for each of `rows`: grey from `begin` until it went out at `sent`, coloured until `end`. */
function draw(list, rows) {
  const first = Math.min(...rows.map((row) => row.begin));
  const length = Math.max(...rows.map((row) => row.end)) - first || 1;
  const bar = (kind, begin, end) => {
    const element = make("i", "", { class: kind });
    element.style.left = `min(${(100 * (begin - first)) / length}%, 100% - 3px)`;
    element.style.width = `${(100 * (end - begin)) / length}%`;
    return element;
  };
  list.replaceChildren(
    ...rows.map((row) => {
      const item = make("li", "");
      const name = make("span", row.name, { class: "name" });
      name.append(" ", make("small", row.note, { class: "note" }));
      const track = make("span", "", { class: "track", "aria-hidden": "true" });
      track.append(bar("wait", row.begin, row.sent), bar("work", row.sent, row.end));
      item.append(name, make("span", milliseconds(row.end - row.begin), { class: "time" }), track);
      return item;
    }),
  );
}

/** The table of models as the server tells it, in the order of the syllabus; none from a server of another make. */
async function readModels() {
  const reply = await fetch("/models.json", { cache: "no-store" });
  const text = await reply.text();
  return reply.ok ? JSON.parse(text).models : [];
}

/** Gives an element, and all in it, the colour of a model. */
function paint(element, model) {
  element.dataset.model = model.key;
  element.style.setProperty("--model", model.colour);
}

/** Lists the models, each under the heading of its family. */
function showModels(models) {
  for (const model of models) {
    const card = make("article", "", { id: model.key });
    card.append(make("h2", model.title), make("p", `${model.idea}.`, { class: "line" }));
    paint(card, model);
    familyOf(model.family).append(card);
  }
}

/** Where the cards of a family stand; a family of which the page says nothing gets a heading at its end. */
function familyOf(name) {
  const known = [...document.querySelectorAll("[data-family]")].find((place) => place.dataset.family === name);
  if (known) return known;
  const section = make("section", "", { class: "family" });
  const cards = make("div", "", { class: "cards", "data-family": name });
  section.append(make("h2", name), cards);
  at("families").append(section);
  return cards;
}

/** Says in large type who answers for this page now. */
async function showServer(models) {
  const reply = await fetch(location.pathname, { method: "HEAD", cache: "no-store" });
  await reply.text(); // there is none, but a reply left unread counts as broken off
  const { model, worker } = servedBy(reply);
  const known = models.find((each) => each.key === model);
  if (known) paint(document.documentElement, known);
  at(model)?.setAttribute("aria-current", "true");
  if (!at("model")) return;
  at("model").textContent = model;
  at("worker").textContent = worker;
  at("idea").textContent = known?.idea ?? "this page came from a server that does not tell its model";
}

/** Lists the page and what it loaded, as the browser timed them. */
function showParts() {
  const loaded = performance.getEntriesByType("resource").filter((part) => part.initiatorType !== "fetch");
  const parts = [...performance.getEntriesByType("navigation"), ...loaded];
  draw(
    at("parts"),
    parts.map((part) => ({
      name: new URL(part.name).pathname.split("/").pop() || "index.html",
      note: bytes(part.encodedBodySize),
      begin: part.startTime,
      sent: part.requestStart || part.startTime,
      end: part.responseEnd,
    })),
  );
}

/** One of the questions that go out at once; resolves to who answered it and when. */
async function ask(number) {
  const question = new URL(`${location.pathname}?ask=${number}`, location);
  const begin = performance.now();
  const reply = await fetch(question, { cache: "no-store" });
  await reply.arrayBuffer();
  const timed = performance.getEntriesByName(question.href).pop();
  const { worker } = servedBy(reply);
  const row = timed ?? { startTime: begin, requestStart: begin, responseEnd: performance.now() };
  return { name: worker, note: "", begin: row.startTime, sent: row.requestStart, end: row.responseEnd };
}

/** Asks many times at once and shows which worker answered each. */
async function askAgain() {
  at("ask").disabled = true;
  performance.clearResourceTimings(); // the browser keeps 250 and then no more
  try {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => ask(index + 1)));
    const workers = new Set(answers.map((answer) => answer.name)).size;
    at("summary").textContent =
      `${AT_ONCE} answers from ${workers} ${workers === 1 ? "worker" : "workers"}. ` +
      "A browser opens only a few connections at a time; the other questions wait.";
    draw(at("answers"), answers);
  } catch {
    at("summary").textContent = "No answer: is the server still running? 没有回应。";
    at("answers").replaceChildren();
  }
  at("ask").disabled = false;
}

addEventListener("load", async () => {
  if (at("parts")) {
    showParts();
    at("ask").addEventListener("click", askAgain);
  }
  const models = await readModels().catch(() => []);
  if (at("families")) showModels(models);
  await showServer(models).catch(() => document.documentElement.removeAttribute("data-model"));
});
