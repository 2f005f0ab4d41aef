// The sidebar: events, properties, saved reports and cohorts of the kernel in front. Click or drag to insert.

const make = (tag, attrs = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined));
  return node;
};

const MOST_ROWS = 300;
const GROUPS = [
  ["events", "Events"],
  ["properties", "Properties"],
  ["reports", "Saved reports"],
  ["cohorts", "Cohorts"],
];

/**
 * @param {any} widgets @lumino/widgets
 * @param {(text: string) => void} insert puts text into the notebook
 */
function sidebar(widgets, insert) {
  const panel = new widgets.Widget();
  panel.id = "mpnb-sidebar";
  panel.title.caption = "mpnb: events, properties, reports, cohorts";
  panel.title.label = "mpnb";
  panel.addClass("mpnb-sidebar");
  const search = make("input", { type: "search", id: "mpnb-sidebar-search", placeholder: "Search names", autocomplete: "off", spellcheck: "false" });
  const status = make("div", { class: "mpnb-sidebar-status", role: "status" });
  const body = make("div", { class: "mpnb-sidebar-body" });
  const refresh = make("button", { type: "button" }, "Refresh");
  panel.node.append(make("div", { class: "mpnb-sidebar-head" }, make("label", { for: "mpnb-sidebar-search" }, "Search names"), search, refresh), status, body);
  let found = {};
  const open = new Set(["events", "properties"]);

  const row = (one) => {
    const button = make("button", { type: "button", class: "mpnb-sidebar-row", draggable: "true", title: one.title ?? `Insert ${one.text.slice(0, 200)}`, onclick: () => insert(one.text) }, make("bdi", {}, one.label), one.note ? make("small", {}, one.note) : null);
    button.addEventListener("dragstart", (event) => {
      event.dataTransfer.setData("text/plain", one.text);
      event.dataTransfer.effectAllowed = "copy";
    });
    return make("li", {}, button);
  };

  const places = new Map();
  const contentOf = (name, title) => {
    const word = search.value.toLowerCase();
    const group = found[name] ?? {};
    const rows = (group.rows ?? []).filter((one) => one.label.toLowerCase().includes(word));
    const shown = rows.slice(0, MOST_ROWS);
    const details = make("details", { open: open.has(name) || (word !== "" && rows.length > 0) }, make("summary", {}, `${title} (${rows.length.toLocaleString("en-US")})`), group.failed ? make("p", { class: "mpnb-sidebar-note" }, group.failed) : null, group.cost ? make("button", { type: "button", onclick: () => panel.read(name) }, `Read (${group.cost} request${group.cost === 1 ? "" : "s"})`) : null, make("ul", {}, shown.map(row)), rows.length > shown.length ? make("p", { class: "mpnb-sidebar-note" }, `${(rows.length - shown.length).toLocaleString("en-US")} more: type to search.`) : null);
    details.addEventListener("toggle", () => (details.open ? open.add(name) : open.delete(name)));
    return details;
  };
  /** Draw one group anew; a focused row or title keeps its focus, since rows come while people move in them. */
  const drawGroup = ([name, title]) => {
    const old = places.get(name);
    const details = contentOf(name, title);
    const had = old?.contains(document.activeElement) ? document.activeElement : null;
    places.set(name, details);
    if (old?.isConnected) old.replaceWith(details);
    else body.append(details);
    if (!had) return;
    const again = had.localName === "summary" ? details.querySelector("summary") : [...details.querySelectorAll("button")].find((one) => one.textContent === had.textContent);
    (again ?? details.querySelector("summary")).focus({ preventScroll: true });
  };
  const draw = () => GROUPS.forEach(drawGroup);
  search.addEventListener("input", draw);

  panel.show_ = (groups) => {
    const before = found;
    found = groups;
    GROUPS.filter(([name]) => !places.get(name)?.isConnected || before[name] !== found[name]).forEach(drawGroup);
  };
  panel.say = (words) => {
    status.textContent = words;
  };
  panel.empty = (words) => {
    found = {};
    status.textContent = words;
    body.replaceChildren();
  };
  panel.read = () => {};
  refresh.addEventListener("click", () => panel.refresh?.());
  panel.focusSearch = () => search.focus({ preventScroll: true });
  return panel;
}
