// The explorer: what there is on the left, what it carries on the right, a question from each thing.
import { busy, button, copyButton, counted, el, embed, errorBox, field, fill, fresh, sparkline, tabs, virtualList } from "./base.js";

const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(part === whole ? 0 : 1)} %` : "–");
const requests = (n) => (n === 1 ? "1 request" : `${n} requests`);

export function render({ el: root, model, ask, insert, status }) {
  const state = { cost: {}, events: null, steps: [], event: null };
  const detail = el("div", { class: "mpnb-stack mpnb-detail", role: "region", "aria-label": "Details" });
  const made = el("div", { class: "mpnb-stack" });
  const tray = el("div", { class: "mpnb-row", hidden: true });
  const head = el("div", { class: "mpnb-row" });
  const side = el("div", { class: "mpnb-side mpnb-stack" });
  fill(root, el("div", { class: "mpnb-stack mpnb-explorer" }, head, el("div", { class: "mpnb-split" }, side, detail), tray, made));

  /** Run something; what goes wrong is shown where the result would be. */
  async function into(node, work) {
    const done = busy(node);
    try {
      await work();
    } catch (failed) {
      fill(node, errorBox(failed));
    } finally {
      done();
    }
  }

  // ---------------------------------------------------------------- a question from a thing
  async function question(start, about) {
    await into(made, async () => {
      const { text } = await ask("question", { start, ...about });
      fill(
        made,
        el("h4", {}, "Question"),
        el("pre", { tabindex: "0", "aria-label": "Cell text" }, text),
        el("div", { class: "mpnb-row" },
          button("Insert below", () => insert(text), { kind: "main" }),
          copyButton(() => text, "Copy"),
          button("Open in builder", () => into(made, async () => embed(made, model, await ask("build", { text }))))),
      );
      made.scrollIntoView({ block: "nearest" });
    });
  }

  function drawTray() {
    tray.hidden = state.steps.length === 0;
    const enough = state.steps.length > 1;
    fill(
      tray,
      el("strong", {}, "Funnel:"),
      el("span", {}, state.steps.map((name, at) => [at ? " → " : "", el("bdi", {}, name)])),
      button("Insert the funnel", () => question("funnel", { steps: state.steps }), { kind: "main", disabled: !enough }),
      button("Clear", () => { state.steps = []; drawTray(); }),
      enough ? null : el("small", {}, "Open another event and add it as the next step."),
    );
  }

  // ---------------------------------------------------------------- details
  const marks = (row) => [
    row.verified ? el("small", { title: "verified" }, "✓ verified") : null,
    row.hidden ? el("small", {}, "hidden") : null,
    (row.tags ?? []).map((tag) => el("small", { class: "mpnb-tag" }, tag)),
  ];

  async function showEvent(row) {
    state.event = row.name;
    fill(detail, el("h3", {}, el("bdi", {}, row.name)), el("p", { class: "mpnb-soft" }, "Reading…"));
    const found = await ask("event", { name: row.name });
    if (state.event !== row.name) return;
    const trend = found.trend ?? row.trend;
    fill(
      detail,
      el("div", { class: "mpnb-row" }, el("h3", {}, el("bdi", {}, row.name)), marks(found)),
      found.description ? el("p", {}, found.description) : null,
      el("div", { class: "mpnb-row" }, el("span", {}, `${counted(found.count)} rows`), trend ? [sparkline(trend, { width: 144 }), el("small", {}, `the last ${trend.length} days`)] : null),
      el("div", { class: "mpnb-row" },
        button("Count it", () => question("count", { event: row.name }), { kind: "main" }),
        button(state.steps.length ? "Add as next step" : "First step of a funnel", () => { state.steps = [...state.steps, row.name]; drawTray(); })),
      propertyTable(found.properties, found.count, row.name, "event"),
      sample(found.sample),
    );
  }

  const sample = (rows) =>
    rows?.length ? el("details", {}, el("summary", {}, `Latest ${rows.length === 1 ? "row" : `${rows.length} rows`}`), el("pre", { tabindex: "0", "aria-label": "Sample rows" }, rows.map((row) => JSON.stringify(row, null, 2)).join("\n"))) : null;

  function propertyTable(rows, total, event, resource) {
    const word = el("input", { type: "search", placeholder: "Search properties" });
    const body = el("tbody");
    const draw = () => {
      const wanted = word.value.toLowerCase();
      const shown = rows.filter((row) => row.name.toLowerCase().includes(wanted));
      fill(body, shown.slice(0, 300).map((row) => propertyRows(row, total, event, resource)), shown.length > 300 ? el("tr", {}, el("td", { colspan: 3 }, `${shown.length - 300} more: type to search.`)) : null, shown.length ? null : el("tr", {}, el("td", { colspan: 3 }, rows.length ? "No property has that in its name." : "No properties.")));
    };
    word.addEventListener("input", draw);
    draw();
    return el("div", { class: "mpnb-stack" },
      rows.length > 8 ? field("Search properties", word) : null,
      el("div", { class: "mpnb-scroll" }, el("table", { class: "mpnb-properties" },
        el("caption", { class: "mpnb-soft" }, `${rows.length} properties`),
        el("thead", {}, el("tr", {}, ["Property", "Type", "Set on"].map((name) => el("th", { scope: "col" }, name)))), body)));
  }

  function propertyRows(row, total, event, resource) {
    const id = fresh();
    const inner = el("td", { colspan: 3, id });
    const more = el("tr", { hidden: true }, inner);
    const toggle = el("button", { type: "button", class: "mpnb-plain mpnb-wrap", "aria-expanded": "false", "aria-controls": id, onclick: () => {
      more.hidden = !more.hidden;
      toggle.setAttribute("aria-expanded", String(!more.hidden));
      if (!more.hidden && !inner.childNodes.length) showProperty(inner, row, event, resource);
    } }, el("bdi", {}, row.name));
    return [el("tr", {}, el("th", { scope: "row" }, toggle, marks(row)), el("td", {}, row.type ?? "–"), el("td", { class: "mpnb-number" }, row.count === null ? "–" : share(row.count, total))), more];
  }

  function showProperty(node, row, event, resource) {
    const cost = state.cost.property;
    const read = () => into(node, async () => {
      fill(node, el("p", { class: "mpnb-soft" }, "Reading…"));
      const found = await ask("property", { name: row.name, event, resource });
      drawProperty(node, found, row, event, resource);
    });
    if (cost) fill(node, button(`List values (${requests(cost)})`, read));
    else read();
  }

  function drawProperty(node, found, row, event, resource) {
    const type = found.type ?? row.type ?? "string";
    const about = { property: row.name, event, resource };
    const kinds = Object.entries(found.types ?? {});
    const numbers = found.numbers;
    fill(
      node,
      el("div", { class: "mpnb-stack" },
        row.description ? el("p", {}, row.description) : null,
        found.count === null ? null : el("p", {}, `${type}, set on ${counted(found.count)} of ${counted(found.rows)} rows, ${counted(found.distinct)} different values`, kinds.length > 1 ? ` (${kinds.map(([kind, n]) => `${kind} ${counted(n)}`).join(", ")})` : ""),
        numbers ? el("p", {}, ["min", "p25", "median", "p75", "max", "mean"].map((name, at) => [at ? " · " : "", `${name} ${Number(numbers[name].toPrecision(6)).toLocaleString("en-US")}`])) : null,
        el("div", { class: "mpnb-row" },
          type === "list" || type === "object" ? null : button(event || resource === "event" ? "Break down by it" : "Who has it", () => question("break down", { ...about, type })),
          type === "list" ? subs(row, event) : null),
        values(found, about)),
    );
  }

  function values(found, about) {
    if (!found.top.length) return el("p", { class: "mpnb-soft" }, "No values.");
    const simple = (value) => typeof value !== "object" || value === null;
    return el("table", { class: "mpnb-values" },
      el("caption", { class: "mpnb-soft" }, found.distinct > found.top.length ? `The most frequent ${found.top.length} values` : "Values"),
      el("tbody", {}, found.top.map((row) =>
        el("tr", {},
          el("th", { scope: "row" }, simple(row.value) ? el("button", { type: "button", class: "mpnb-plain mpnb-wrap", title: `Keep only ${row.text.slice(0, 80)}`, onclick: () => question("filter", { ...about, value: row.value }) }, el("bdi", {}, shorten(row.text))) : el("bdi", {}, shorten(row.text))),
          row.count === null ? null : el("td", { class: "mpnb-number" }, counted(row.count)),
          row.count === null ? null : el("td", { class: "mpnb-number" }, share(row.count, found.count))))));
  }

  const shorten = (text) => (text.length > 160 ? `${text.slice(0, 159)}…` : text) || "(empty text)";

  function subs(row, event) {
    const made = el("div", { class: "mpnb-grow" });
    return [button("What its objects carry", () => into(made, async () => {
      const found = await ask("subproperties", { name: row.name, event });
      fill(made, found.length
        ? el("table", {}, el("caption", { class: "mpnb-soft" }, "Parts, judged by a sample of values"), el("thead", {}, el("tr", {}, ["Part", "Type", "For example"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, found.map((one) => el("tr", {}, el("th", { scope: "row" }, one.name), el("td", {}, one.type), el("td", {}, el("bdi", {}, shorten(one.sample_values.map(String).join(", "))))))))
        : el("p", { class: "mpnb-soft" }, "Its lists hold no objects."));
    })), made];
  }

  // ---------------------------------------------------------------- the lists
  function eventsPanel(panel) {
    const read = async () => into(panel, async () => {
      state.events = await ask("events");
      drawEvents(panel);
    });
    if (state.events) drawEvents(panel);
    else fill(panel, button(`List the events (${requests(state.cost.events)})`, read, { kind: "main" }));
  }

  function drawEvents(panel) {
    const rows = state.events.events.map((row) => ({ ...row, low: row.name.toLowerCase() }));
    if (!rows.length) {
      fill(panel, el("p", {}, "No events yet. Load some with "), el("code", {}, "%mp data PATH"), el("p", {}, "or try the demo shop: "), el("code", {}, "%mp demo"));
      return;
    }
    const count = el("small", { "aria-live": "polite" });
    const word = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const list = virtualList({
      label: "Events",
      rows: [],
      draw: (row) => [el("span", { class: "mpnb-name", title: row.name }, el("bdi", {}, row.name)), row.trend ? sparkline(row.trend) : null, el("span", { class: "mpnb-number" }, row.count === null ? "" : counted(row.count))],
      onopen: (row) => into(detail, () => showEvent(row)),
    });
    const search = () => {
      const wanted = word.value.toLowerCase().trim();
      const shown = wanted ? rows.filter((row) => row.low.includes(wanted)) : rows;
      list.rows(shown, (row) => row.name === state.event);
      count.textContent = shown.length === rows.length ? `${counted(rows.length)} events` : `${counted(shown.length)} of ${counted(rows.length)} events`;
    };
    word.addEventListener("input", search);
    word.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      list.focus();
      list.first();
    });
    fill(panel, field("Search events", word), list, count);
    search();
    const wanted = rows.findIndex((row) => row.name === state.open);
    if (wanted >= 0) list.open(wanted);
  }

  const once = (what, cost, draw) => (panel) => {
    const read = () => into(panel, async () => draw(panel, await ask(what)));
    if (cost) fill(panel, button(`Read (${requests(cost)})`, read, { kind: "main" }));
    else read();
  };

  function drawPeople(panel, found) {
    fill(panel, el("p", {}, found.count === null ? "Profiles" : `${counted(found.count)} profiles`), found.properties.length ? propertyTable(found.properties, found.count, null, "people") : el("p", { class: "mpnb-soft" }, "No profile properties."), sample(found.sample));
  }

  function drawCohorts(panel, found) {
    fill(panel, found.length
      ? el("table", {}, el("thead", {}, el("tr", {}, ["Cohort", "Users", "Id"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, found.map((row) => el("tr", {}, el("th", { scope: "row" }, el("bdi", {}, row.name), row.description ? el("div", { class: "mpnb-soft" }, row.description) : null), el("td", { class: "mpnb-number" }, counted(row.count)), el("td", { class: "mpnb-number" }, String(row.id))))))
      : el("p", { class: "mpnb-soft" }, "No saved cohorts."));
  }

  function begin(found) {
    Object.assign(state, { cost: found.cost, events: found.events, open: found.open });
    fill(
      head,
      el("h3", {}, "Explorer"),
      el("small", {}, found.source),
      el("span", { class: "mpnb-grow" }),
      button("Refresh", () => into(side, async () => begin(await ask("begin"))), { title: "Read the names again" }),
      found.cost.events ? button("Read the lexicon (1 request)", async () => status.say(`${counted(await ask("lexicon"))} entries of the lexicon read.`)) : null,
    );
    fill(side, tabs("What to explore", [
      { name: "events", title: "Events", make: eventsPanel },
      { name: "people", title: "People", make: once("people", found.cost.people, drawPeople) },
      { name: "cohorts", title: "Cohorts", make: once("cohorts", found.cost.cohorts, drawCohorts) },
    ]));
    if (!state.event) fill(detail, el("p", { class: "mpnb-soft" }, "Open an event to see what it carries."));
    drawTray();
  }

  fill(side, el("p", { class: "mpnb-soft mpnb-tall" }, "Reading the events…"));
  ask("begin").then(begin, (failed) => fill(side, errorBox(failed)));
}
