// Shows who served this page and how long its parts took, as the server and the browser tell it.

const AT_ONCE = 12;
const CHINESE = navigator.language.startsWith("zh");
/** What the script itself says; what stands on the pages is in both languages beside each other. */
const TEXTS = CHINESE
  ? {
      otherServer: "别的服务器",
      unknown: "未知",
      noModel: "本页来自一个没有说明模型的服务器",
      noAnswer: "没有响应：服务器还在运行吗？",
      answers: (workers) =>
        `${workers} 个工作者作出了 ${AT_ONCE} 个响应。浏览器同时只打开几个连接，其余的请求在等待。`,
    }
  : {
      otherServer: "another server",
      unknown: "unknown",
      noModel: "this page came from a server that does not tell its model",
      noAnswer: "No answer: is the server still running? 没有响应。",
      answers: (workers) =>
        `${AT_ONCE} answers from ${workers} ${workers === 1 ? "worker" : "workers"}. ` +
        "A browser opens only a few connections at a time; the other questions wait.",
    };
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
  return { model: model ?? TEXTS.otherServer, worker: worker ?? TEXTS.unknown };
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

/** The content of a JSON file; `missing` if there is none. */
async function read(path, missing) {
  const reply = await fetch(path, { cache: "no-store" });
  const text = await reply.text();
  return reply.ok ? JSON.parse(text) : missing;
}

/** The table of models as the server tells it, in the order of the syllabus; none from a server of another make. */
async function readModels() {
  const { models } = await read("/models.json", { models: [] });
  const chinese = CHINESE ? await read("/zh.json", {}) : {};
  const said = (text) => chinese[text] ?? text;
  return models.map((model) => ({ ...model, title: said(model.title), idea: said(model.idea) }));
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
    card.append(make("h2", model.title), make("p", model.idea + (CHINESE ? "。" : "."), { class: "line" }));
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
  at("idea").textContent = known?.idea ?? TEXTS.noModel;
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
    at("summary").textContent = TEXTS.answers(workers);
    draw(at("answers"), answers);
  } catch {
    at("summary").textContent = TEXTS.noAnswer;
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
