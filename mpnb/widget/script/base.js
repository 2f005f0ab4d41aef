// What all widgets draw with: elements, controls, messages to the kernel. Text is always text here:
// nothing from the data is ever parsed as HTML, and drawings are parsed as XML and checked.

let count = 0;
const page = Math.floor(performance.timeOrigin + performance.now() * 1000).toString(36);

/** A name that no other element of this page has. @returns {string} */
export const fresh = () => `mpnb-${page}-${++count}`;

/**
 * An element: `el("button", {class: "x", onclick: f, "aria-label": "y"}, "text", child)`.
 * @param {string} tag @param {Record<string, any>} [attrs] @param {...any} children
 * @returns {HTMLElement}
 */
export function el(tag, attrs = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "disabled") made[name] = value;
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Put other children into a node. */
export const fill = (node, ...children) => {
  node.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
};

/** A drawing of the kernel's as an element; scripts, handlers and foreign content are refused. */
export function drawing(svg, label) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  if (parsed.nodeName !== "svg") return el("p", { class: "mpnb-soft" }, "No drawing.");
  const ours = parsed.querySelectorAll("*");
  for (const node of [parsed, ...ours]) {
    if (["script", "foreignObject", "iframe", "image", "use"].includes(node.localName)) node.remove();
    for (const { name, value } of [...node.attributes])
      if (/^on/i.test(name) || (/href$/i.test(name) && !value.startsWith("#"))) node.removeAttribute(name);
  }
  const figure = el("figure", { role: "img", "aria-label": label });
  figure.append(document.importNode(parsed, true));
  return figure;
}

/** A button. `kind`: "main", "plain" or nothing. */
export const button = (label, onclick, { kind = "", title, disabled } = {}) =>
  el("button", { type: "button", class: kind && `mpnb-${kind}`, title, "aria-label": title, disabled, onclick }, label);

/** A control under its label, with room for what is wrong with it. */
export function field(label, control, { wrong = "", hint = "" } = {}) {
  const target = control.matches("input,select,textarea") ? control : control.querySelector("input,select,textarea") ?? control;
  target.id ||= fresh();
  const made = el("div", { class: "mpnb-field" }, el("label", { for: target.id }, label), control);
  made.blame = (words) => {
    made.querySelector(".mpnb-wrong")?.remove();
    made.toggleAttribute("data-wrong", Boolean(words));
    target.setAttribute("aria-invalid", String(Boolean(words)));
    target.removeAttribute("aria-describedby");
    if (!words) return;
    const said = el("div", { class: "mpnb-wrong", id: fresh() }, "✕ ", words);
    target.setAttribute("aria-describedby", said.id);
    made.append(said);
  };
  if (hint) made.append(el("small", {}, hint));
  if (wrong) made.blame(wrong);
  return made;
}

/** A drop-down of `[value, label]` pairs or plain values. */
export function select(options, value, onchange, attrs = {}) {
  const rows = options.map((one) => (Array.isArray(one) ? one : [one, one]));
  const made = el("select", { ...attrs, onchange: () => onchange(made.value) }, rows.map(([key, words]) => el("option", { value: key }, words)));
  if (value !== undefined && !rows.some(([key]) => String(key) === String(value))) made.append(el("option", { value }, String(value)));
  made.value = value ?? "";
  return made;
}

/** Call `work` once typing has paused. */
export function debounce(work, ms) {
  let timer;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...args), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

/**
 * Tabs with their panels; a panel is made when it is first shown.
 * @param {string} label @param {{name: string, title: string, make: (panel: HTMLElement) => void}[]} rows
 */
export function tabs(label, rows, { selected = rows[0].name, onselect = () => {} } = {}) {
  const made = new Map();
  const list = el("div", { role: "tablist", "aria-label": label });
  const root = el("div", { class: "mpnb-tabs" }, list);
  const show = (name, focus) => {
    for (const [key, { tab, panel, row }] of made) {
      const on = key === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
      if (on && focus) tab.focus();
      if (on && !panel.made) {
        panel.made = true;
        row.make(panel);
      }
    }
    root.selected = name;
    onselect(name);
  };
  rows.forEach((row, at) => {
    const ids = [fresh(), fresh()];
    const tab = el("button", { type: "button", role: "tab", id: ids[0], "aria-controls": ids[1], onclick: () => show(row.name) }, row.title);
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const to = step ? (at + step + rows.length) % rows.length : { Home: 0, End: rows.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      show(rows[to].name, true);
    });
    const panel = el("div", { role: "tabpanel", id: ids[1], "aria-labelledby": ids[0], tabindex: "0", hidden: true });
    made.set(row.name, { tab, panel, row });
    list.append(tab);
    root.append(panel);
  });
  /** Make all panels anew: what they show has changed. */
  root.refresh = () => {
    for (const { panel } of made.values()) {
      panel.made = false;
      panel.replaceChildren();
    }
    show(root.selected);
  };
  root.show = show;
  root.panel = (name) => made.get(name).panel;
  show(selected);
  return root;
}

/**
 * A text field that completes. `options(word)` returns (a promise of) `[{value, note}]`.
 * `free` lets through what is not among the options.
 */
export function combo({ value = "", options, onpick, placeholder = "", free = true, label }) {
  const listId = fresh();
  const input = el("input", { type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list", "aria-label": label, placeholder, value });
  const list = el("ul", { role: "listbox", id: listId, hidden: true, "aria-label": label ?? "Choices" });
  const root = el("div", { class: "mpnb-combo" }, input, list);
  let rows = [], at = -1, turn = 0, last = value;
  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const pick = (chosen) => {
    input.value = last = chosen;
    close();
    onpick(chosen);
  };
  const point = (to) => {
    at = to;
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    const row = list.children[at];
    if (!row) return;
    input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  };
  const open = async (word) => {
    const mine = ++turn;
    const found = await options(word);
    if (mine !== turn || !root.isConnected || input.getRootNode().activeElement !== input) return;
    rows = found;
    fill(list, rows.map((row) => el("li", { role: "option", id: fresh(), "aria-selected": "false", onpointerdown: (event) => { event.preventDefault(); pick(row.value); } }, el("span", {}, row.label ?? row.value), row.note ? el("small", {}, row.note) : null)));
    list.hidden = rows.length === 0;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    at = -1;
  };
  input.addEventListener("input", () => open(input.value));
  input.addEventListener("focus", () => { input.select(); open(""); });
  input.addEventListener("blur", () => {
    turn++;
    close();
    if (input.value === last) return;
    if (free) pick(input.value);
    else input.value = last;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open(input.value);
      else point((at + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (at >= 0) pick(rows[at].value);
      else if (free && input.value !== last) pick(input.value);
      else if (rows.length && !list.hidden && !free) pick(rows[0].value);
      turn++;
      close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      close();
    }
  });
  root.input = input;
  return root;
}

/**
 * A list of any length, of which only the rows in sight are in the page.
 * `draw(row)` returns the children of one row; `onopen(row, at)` runs on click, Enter and arrows.
 */
export function virtualList({ label, rows = [], draw, onopen, rowHeight = 28, height = 336 }) {
  const space = el("div");
  const root = el("div", { class: "mpnb-list", role: "listbox", tabindex: "0", "aria-label": label, style: `height:${height}px` }, space);
  let shown = rows, at = -1;
  const paint = () => {
    const first = Math.max(0, Math.floor(root.scrollTop / rowHeight) - 8);
    const last = Math.min(shown.length, Math.ceil((root.scrollTop + height) / rowHeight) + 8);
    space.style.height = `${shown.length * rowHeight}px`;
    const drawn = [];
    for (let n = first; n < last; n++) {
      const row = el("div", { role: "option", id: `${space.id}-${n}`, "aria-selected": String(n === at), "aria-setsize": shown.length, "aria-posinset": n + 1, style: `top:${n * rowHeight}px;height:${rowHeight}px`, onclick: () => open(n) });
      row.append(...[draw(shown[n])].flat(Infinity).filter(Boolean));
      drawn.push(row);
    }
    space.replaceChildren(...drawn);
    if (at >= 0) root.setAttribute("aria-activedescendant", `${space.id}-${at}`);
    else root.removeAttribute("aria-activedescendant");
  };
  const open = (n) => {
    at = n;
    if (n * rowHeight < root.scrollTop) root.scrollTop = n * rowHeight;
    if ((n + 1) * rowHeight > root.scrollTop + height) root.scrollTop = (n + 1) * rowHeight - height;
    paint();
    onopen(shown[n], n);
  };
  space.id = fresh();
  root.addEventListener("scroll", () => requestAnimationFrame(paint));
  root.addEventListener("keydown", (event) => {
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (to === undefined || !shown.length) return;
    event.preventDefault();
    event.stopPropagation();
    open(Math.max(0, Math.min(shown.length - 1, to)));
  });
  /** Show other rows; `keep(row)` says which one stays chosen. */
  root.rows = (next, keep) => {
    shown = next;
    at = keep ? shown.findIndex(keep) : -1;
    paint();
  };
  root.open = open;
  /** Open the first row. */
  root.first = () => shown.length && open(0);
  paint();
  return root;
}

/** What has happened, for eyes and screen readers. `root.say("…")`. */
export function statusLine() {
  const root = el("div", { class: "mpnb-status", role: "status", "aria-live": "polite" });
  root.say = (words) => fill(root, words ?? "");
  return root;
}

/** What went wrong, where, and what would have worked, as the kernel says it. */
export const errorBox = (failed) =>
  el("div", { class: "mpnb-error", role: "alert" }, failed.message ?? String(failed));

/** Mark a part as being worked on; call what it returns when that is over. */
export function busy(node) {
  node.classList.add("mpnb-busy");
  node.setAttribute("aria-busy", "true");
  return () => {
    node.classList.remove("mpnb-busy");
    node.removeAttribute("aria-busy");
  };
}

/** Copy text; the button says that it did. */
export function copyButton(text, label = "Copy") {
  const made = button(label, async () => {
    const copied = await copy(await text());
    made.textContent = copied ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (made.textContent = label), 1500);
  });
  return made;
}

/** Put text on the clipboard, also where the page has no leave for the modern way. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { "aria-hidden": "true", style: "position:fixed;opacity:0", value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Save text as a file. */
export function download(name, text, type = "text/csv") {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A short line of counts; heights are relative to the highest. */
export function sparkline(counts, { width = 72, height = 20 } = {}) {
  const top = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length - 1);
  const points = counts.map((n, at) => `${(at * step).toFixed(1)},${(height - 2 - (n / top) * (height - 4)).toFixed(1)}`);
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" })) svg.setAttribute(key, String(value));
  const line = document.createElementNS(space, "polyline");
  for (const [key, value] of Object.entries({ points: points.join(" "), fill: "none", stroke: "var(--mpnb-mark)", "stroke-width": "1.5" })) line.setAttribute(key, value);
  const area = document.createElementNS(space, "polygon");
  for (const [key, value] of Object.entries({ points: `0,${height} ${points.join(" ")} ${width},${height}`, fill: "var(--mpnb-mark)", "fill-opacity": "0.15" })) area.setAttribute(key, value);
  svg.append(area, line);
  return svg;
}

/** Show another widget of the kernel's inside this one. */
export async function embed(node, model, id) {
  try {
    const child = await model.widget_manager.get_model(id);
    const view = await model.widget_manager.create_view(child);
    fill(node, view.el);
  } catch (problem) {
    fill(node, errorBox(`This host shows no widget inside another (${problem.message}). Insert the cell, run it, and use %mp build with its name.`));
  }
  node.scrollIntoView({ block: "nearest" });
}

/** Count as people read it: 1,234,567. */
export const counted = (n) => (n === null || n === undefined ? "–" : Number(n).toLocaleString("en-US"));

/** Hide the static twin that stands below a live view; it is for hosts where nothing lives. */
function hideTwin(host) {
  // What holds all outputs of one cell, by host: JupyterLab, Notebook and Voila; VS Code, where each output
  // has a container of its own inside this one. Colab has a page for each cell.
  const around = host.closest(".jp-OutputArea, .cell_container") ?? document;
  const after = (node) => host.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
  const twin = [...around.querySelectorAll(".mpnb-twin")].find(after);
  if (twin) (twin.closest(".jp-OutputArea-child") ?? twin).style.display = "none";
}

/** Begin a view: messages both ways, a status line, and words when the kernel is silent. */
export function start({ model, el: host, render }) {
  const waiting = new Map();
  const heard = new Set();
  const status = statusLine();
  const root = el("div", { class: "mpnb" });
  const forget = ({ slow, lost }) => {
    clearTimeout(slow);
    clearTimeout(lost);
  };
  const listen = (message) => {
    globalThis.mpnbLab?.spent?.(); // the status item counts what is left
    if (message.view) for (const take of heard) take(message.view);
    const found = waiting.get(message.answer);
    if (!found) return;
    waiting.delete(message.answer);
    forget(found);
    if (found.said) status.say("");
    if (message.failed) found.reject(Object.assign(new Error(message.failed.message), message.failed));
    else found.resolve(message.value);
  };
  model.on("msg:custom", listen);
  /** Run a method of the kernel's. @returns {Promise<any>} */
  const ask = (name, args = {}) =>
    new Promise((resolve, reject) => {
      const seq = fresh();
      const entry = { resolve, reject, said: false };
      const say = (words) => () => {
        entry.said = true;
        status.say(words);
      };
      entry.slow = setTimeout(say("Waiting for the kernel…"), 1500);
      entry.lost = setTimeout(say("No answer yet: the kernel may be busy, or wait for Mixpanel. If it was restarted, run this cell again; your edits are still here."), 10000);
      waiting.set(seq, entry);
      try {
        model.send({ do: name, seq, args });
      } catch {
        forget(entry);
        waiting.delete(seq);
        reject(new Error("The kernel is not running. Start it and run this cell again; your edits are still here."));
      }
    });
  /** Write text into the notebook: through JupyterLab's extension, else by clipboard and %mp paste. */
  const insert = async (text, where = "below") => {
    const lab = globalThis.mpnbLab;
    if (lab) {
      const { cellId } = where === "replace" && context.cell ? await lab.replace(root, text, context.cell) : await lab.insert(root, text, where);
      context.cell = cellId ?? context.cell;
      status.say(where === "replace" ? "Cell updated." : "Cell inserted below.");
      return cellId;
    }
    await ask("paste", { text });
    const copied = await copy(text);
    status.say(copied ? "Copied. Paste it into a cell, or run %mp paste." : "Run %mp paste in the next cell to write it.");
    return null;
  };
  const context = { model, root, ask, insert, status, listen: (take) => heard.add(take), cell: null };
  fill(host, root);
  for (const wait of [0, 100, 1000]) setTimeout(() => hideTwin(host), wait); // it may come a little later
  const body = el("div");
  root.append(body, status);
  const done = render({ ...context, context, el: body });
  return () => {
    model.off("msg:custom", listen);
    for (const entry of waiting.values()) forget(entry);
    if (typeof done === "function") done();
  };
}
