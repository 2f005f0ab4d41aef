// The explorer: what there is on the left, what it carries on the right, a question from each thing.
import { busy, button, copyButton, counted, el, embed, errorBox, field, fill, fresh, sparkline, tabs, virtualList } from "./base.js";

const HEIGHT = 336;
const MOST_ROWS = 300;
const requests = (n) => (n === 1 ? "1 request" : `${n} requests`);
const name = (text) => el("bdi", {}, text || "(empty text)");
const soft = (...words) => el("p", { class: "mpnb-soft" }, words);
const head = (...titles) => el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title))));

export function render({ el: root, model, ask, insert, status }) {
  const state = { cost: {}, steps: [], shown: 0, event: null };
  const top = el("div", { class: "mpnb-row mpnb-head" });
  const side = el("div", { class: "mpnb-side" });
  const detail = el("div", { class: "mpnb-stack mpnb-detail", role: "region", tabindex: "0", "aria-label": "Details" });
  const made = el("div", { class: "mpnb-stack mpnb-made", role: "region", "aria-label": "Question" });
  const builder = el("div");
  fill(root, el("div", { class: "mpnb-stack mpnb-explorer" }, top, el("div", { class: "mpnb-split" }, side, detail), made, builder));

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

  /** Show something in the details, unless something else was opened meanwhile. */
  async function open(title, what, args, draw) {
    const mine = ++state.shown;
    const done = busy(detail);
    detail.inert = true; // what is still shown is about something else: no click may reach it
    let drawn;
    try {
      drawn = draw(await ask(what, args));
    } catch (failed) {
      drawn = [el("h3", {}, name(title)), errorBox(failed), failed.code ? soft("If the data have changed, press Refresh.") : null];
    }
    done();
    if (mine !== state.shown) return;
    detail.inert = false;
    fill(detail, drawn);
    detail.scrollTop = 0;
  }

  // ------------------------------------------------------------------ the question
  const nothing = () => fill(made, el("h4", {}, "Question"), soft("Count an event, break it down, keep a value or start a funnel: the cell appears here."));

  async function question(start, about) {
    await into(made, async () => drawQuestion((await ask("question", { start, ...about })).text));
  }

  function drawQuestion(text) {
    fill(
      made,
      el("div", { class: "mpnb-row" }, el("h4", { class: "mpnb-grow" }, state.steps.length ? "Funnel" : "Question"),
        button("Insert below", () => insert(text).catch((failed) => status.say(failed.message)), { kind: "main" }),
        copyButton(() => text, "Copy"),
        state.builder ? button("Open in builder", () => into(builder, async () => embed(builder, model, await ask("build", { text })))) : null,
        state.steps.length ? button("Clear", clear) : null),
      el("pre", { tabindex: "0", "aria-label": "Cell text" }, text),
    );
  }

  const clear = () => {
    state.steps = [];
    nothing();
    redraw();
  };
  let redraw = () => {};

  function step(event) {
    state.steps = [...state.steps, event];
    redraw();
    if (state.steps.length > 1) return question("funnel", { steps: state.steps });
    return fill(made, el("div", { class: "mpnb-row" }, el("h4", { class: "mpnb-grow" }, "Funnel"), button("Clear", clear)),
      el("p", {}, "1. ", name(event)), soft("Open the event of the next step and press “Next step”."));
  }

  /** A question from one thing; a funnel that was begun ends with it. */
  const ask1 = (start, about) => {
    state.steps = [];
    redraw();
    return question(start, about);
  };

  // ------------------------------------------------------------------ details
  const marks = (row) => [
    row.verified ? el("small", { class: "mpnb-tag" }, "✓ verified") : null,
    row.hidden ? el("small", { class: "mpnb-tag" }, "hidden") : null,
    (row.tags ?? []).map((tag) => el("small", { class: "mpnb-tag" }, name(tag))),
  ];

  function showEvent(row) {
    state.event = row.name;
    const starts = el("div", { class: "mpnb-row" });
    redraw = () =>
      fill(starts,
        button("Count it", () => ask1("count", { event: row.name })),
        button(state.steps.length ? "Next step" : "First step of a funnel", () => step(row.name)));
    redraw();
    const title = (found) => [el("div", { class: "mpnb-row" }, el("h3", {}, name(row.name)), marks(found)), found.description ? el("p", {}, found.description) : null];
    const remote = state.cost.events > 0;
    const draw = (found) => {
      const trend = found.trend ?? row.trend;
      return [
        title(found),
        el("div", { class: "mpnb-row" }, el("span", {}, `${counted(found.count)} rows${remote ? ` in ${trend.length} days` : ""}`),
          trend ? [sparkline(trend, { width: 160 }), el("small", {}, `${state.days[0]} – ${state.days[1]}`)] : null),
        starts,
        propertyTable(found.properties, row.name),
        remote ? null : sample(row.name),
      ];
    };
    if (!row.cost || state.read.has(row.name)) return open(row.name, "event", { name: row.name }, draw);
    ++state.shown;
    detail.inert = false;
    const read = button(`Read volume and properties (${requests(row.cost)})`, () =>
      open(row.name, "event", { name: row.name }, (found) => {
        state.read.add(row.name); // from now on it costs nothing
        return draw(found);
      }), { kind: "main" });
    return fill(detail, title(row), starts, el("div", {}, read));
  }

  const pairs = (rows) => rows.map((row) => el("table", { class: "mpnb-facts" }, el("tbody", {}, row.map(([key, text]) => el("tr", {}, el("th", { scope: "row" }, name(key)), el("td", {}, name(text)))))));

  function folded(title, fetch) {
    const inner = el("div", { class: "mpnb-stack" });
    const box = el("details", {}, el("summary", {}, title), inner);
    box.addEventListener("toggle", () => {
      if (box.open && !inner.childNodes.length) into(inner, async () => fill(inner, await fetch()));
    });
    return box;
  }

  const sample = (event) => folded("The latest rows", async () => pairs(await ask("sample", { name: event })));

  const bar = (part) => el("span", { class: "mpnb-bar", "aria-hidden": "true" }, part === null ? null : el("span", { style: `width:${(100 * part).toFixed(1)}%` }));

  function propertyTable(rows, event) {
    const word = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const body = el("tbody");
    const note = (text) => el("tr", {}, el("td", { colspan: 3, class: "mpnb-soft" }, text));
    const draw = () => {
      const wanted = word.value.trim().toLowerCase();
      const shown = wanted ? rows.filter((row) => row.name.toLowerCase().includes(wanted)) : rows;
      fill(body, shown.slice(0, MOST_ROWS).map((row) => propertyRows(row, event)),
        shown.length > MOST_ROWS ? note(`${counted(shown.length - MOST_ROWS)} more: search to see them.`) : null,
        shown.length ? null : note(rows.length ? "No property has that in its name." : "No properties."));
    };
    word.addEventListener("input", draw);
    draw();
    return [
      rows.length > 8 ? field("Search properties", word) : null,
      el("table", { class: "mpnb-wide" }, head(rows.length === 1 ? "1 property" : `${counted(rows.length)} properties`, "type", "set on"), body),
    ];
  }

  function propertyRows(row, event) {
    const id = fresh();
    const inner = el("div", { class: "mpnb-stack mpnb-inner" });
    const more = el("tr", { hidden: true, id }, el("td", { colspan: 3 }, inner));
    const toggle = el("button", { type: "button", class: "mpnb-plain mpnb-wrap mpnb-toggle", "aria-expanded": "false", "aria-controls": id, onclick: () => {
      more.hidden = !more.hidden;
      toggle.setAttribute("aria-expanded", String(!more.hidden));
      if (!more.hidden && !inner.childNodes.length) property(inner, row, event, "event");
    } }, name(row.name));
    return [
      el("tr", {}, el("th", { scope: "row" }, toggle, marks(row), row.description ? el("div", { class: "mpnb-soft" }, row.description) : null),
        el("td", { class: "mpnb-type" }, row.type ?? "–"),
        el("td", { class: "mpnb-share" }, bar(row.part), el("span", { class: "mpnb-number" }, row.share || "–"))),
      more,
    ];
  }

  function property(node, row, event, resource) {
    const read = () => into(node, async () => fill(node, facts(await ask("property", { name: row.name, event, resource }), row, event, resource)));
    if (state.cost.property) fill(node, starts(row, event, resource, row.type), el("div", {}, button(`List its values (${requests(state.cost.property)})`, read)));
    else read();
  }

  const quoted = (event) => ["“", name(event), "”"];
  const starts = (row, event, resource, type) =>
    type === "object" || type === "empty" ? null : el("div", { class: "mpnb-row" }, (resource === "people" ? [null, state.event] : [event]).filter((of, at) => of || !at).map((of) =>
      button(resource === "event" ? "Break down by it" : of ? ["Break down ", quoted(of), " by it"] : "Who has it", () => ask1("break down", { property: row.name, event: of, resource, type: type ?? "string" }))));

  function facts(found, row, event, resource) {
    const type = found.type ?? row.type;
    const kinds = Object.entries(found.types);
    const numbers = Object.entries(found.numbers);
    return [
      found.count === null ? null : el("p", {}, `${type} · ${counted(found.distinct)} different ${found.distinct === 1 ? "value" : "values"} · set on ${counted(found.count)} of ${counted(found.rows)}`),
      kinds.length > 1 ? soft(kinds.map(([kind, n]) => `${kind} ${counted(n)}`).join(" · ")) : null,
      numbers.length ? el("div", { class: "mpnb-amounts" }, numbers.map(([title, n]) => el("div", {}, el("small", {}, title), el("div", { class: "mpnb-number" }, n)))) : null,
      starts(row, event, resource, type),
      (type === "list" || kinds.some(([kind]) => kind === "list")) && resource === "event" ? objects(row, event) : null,
      values(found, { property: row.name, event, resource, type: type ?? undefined }),
    ];
  }

  function values(found, about) {
    if (!found.top.length) return soft("No values.");
    const keep = (row) => button("Keep only this", () => ask1("filter", { ...about, value: row.value }), { kind: "plain", title: `Keep only ${row.text.slice(0, 80)}` });
    const known = found.count !== null;
    const title = known && found.distinct > found.top.length ? `the ${found.top.length} most frequent values` : "values";
    return el("table", { class: "mpnb-wide" },
      head(title, ...(known ? ["rows", "share"] : []), ""),
      el("tbody", {}, found.top.map((row) => el("tr", {},
        el("th", { scope: "row" }, name(row.text)),
        known ? [el("td", {}, counted(row.count)), el("td", { class: "mpnb-share" }, bar(row.part), el("span", { class: "mpnb-number" }, row.share || "–"))] : null,
        el("td", { class: "mpnb-number" }, row.value === null ? null : keep(row))))));
  }

  const objects = (row, event) => folded(`What its objects carry${state.cost.property ? ` (${requests(state.cost.property)})` : ""}`, () => parts(row, event));

  async function parts(row, event) {
    const found = await ask("subproperties", { name: row.name, event });
    if (!found.length) return soft("Its lists hold no objects.");
    return el("table", { class: "mpnb-wide" }, head("part", "type", "for example", ""), el("tbody", {}, found.map((one) => el("tr", {},
      el("th", { scope: "row" }, name(one.name)), el("td", {}, one.type), el("td", {}, name(one.sample_values.join(", "))),
      el("td", { class: "mpnb-number" }, button("Break down", () => ask1("break down", { property: row.name, event, sub: one.name, type: one.type }), { kind: "plain", title: `Break down by ${one.name}` }))))));
  }

  function showPerson(row) {
    const inner = el("div", { class: "mpnb-stack" });
    const title = [el("div", { class: "mpnb-row" }, el("h3", {}, name(row.name)), marks(row)), row.description ? el("p", {}, row.description) : null];
    if (!state.cost.property) return open(row.name, "property", { name: row.name, event: null, resource: "people" }, (found) => [title, facts(found, row, null, "people")]);
    ++state.shown;
    detail.inert = false;
    return fill(detail, title, starts(row, null, "people", row.type), inner, soft("Mixpanel does not list the values of profile properties."));
  }

  function showCohort(row) {
    ++state.shown;
    detail.inert = false;
    const about = { cohort: row.id, name: row.name };
    fill(detail, el("h3", {}, name(row.name)), row.description ? el("p", {}, row.description) : null, el("p", {}, `${counted(row.count)} users`),
      el("div", { class: "mpnb-row" }, button("Count its users", () => ask1("cohort", about)),
        state.event ? button(["Count ", quoted(state.event), " by them"], () => ask1("cohort", { ...about, event: state.event })) : null));
  }

  // ------------------------------------------------------------------ the lists
  /** A list that is searched while one types; the names are here, so no message is sent. */
  function finder(panel, noun, rows, draw, onopen, height = HEIGHT) {
    const all = rows.map((row) => ({ ...row, low: row.name.toLowerCase() }));
    const count = el("small", { role: "status" });
    const word = el("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const list = virtualList({ label: noun[0].toUpperCase() + noun.slice(1), rows: [], draw, height, onopen: (row) => { list.chosen = row.name; onopen(row); } });
    const search = () => {
      const wanted = word.value.trim().toLowerCase();
      const shown = wanted ? all.filter((row) => row.low.includes(wanted)) : all;
      list.rows(shown, (row) => row.name === list.chosen);
      list.scrollTop = 0;
      count.textContent = shown.length === all.length ? `${counted(all.length)} ${noun}` : `${counted(shown.length)} of ${counted(all.length)} ${noun}`;
    };
    word.addEventListener("input", search);
    word.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      list.focus();
      list.first();
    });
    fill(panel, el("div", { class: "mpnb-stack" }, field(`Search ${noun}`, word), list, count));
    search();
    return { open: (wanted) => all.some((row) => row.name === wanted) && list.open(all.findIndex((row) => row.name === wanted)) };
  }

  const label = (row) => el("span", { class: "mpnb-name", title: row.name }, name(row.name));
  const small = (text) => el("small", { class: "mpnb-number" }, text);

  function drawEvents(panel) {
    if (!state.events) return fill(panel, el("div", {}, button(`List the events (${requests(state.cost.events)})`, () => again(panel, {}), { kind: "main" })));
    if (!state.events.length) return fill(panel, el("div", { class: "mpnb-stack" }, el("p", {}, "There are no events yet."), soft("Load your own with "), el("code", {}, "%mp data PATH"), soft("or look at the shop that comes with mpnb:"), el("code", {}, "%mp demo")));
    const draw = (row) => [label(row), row.verified ? small("✓") : null, row.hidden ? small("hidden") : null, row.trend ? sparkline(row.trend) : null, row.count === null ? null : el("span", { class: "mpnb-number mpnb-count" }, counted(row.count))];
    const found = finder(panel, "events", state.events, draw, showEvent);
    if (state.open) found.open(state.open);
    state.open = null;
    return null;
  }

  const again = (panel, what) => into(panel, async () => {
    const found = await ask("events", what);
    take(found);
    drawHead();
    drawEvents(panel);
  });

  const once = (what, draw) => (panel) => {
    const read = () => into(panel, async () => draw(panel, await ask(what)));
    if (state.cost[what]) fill(panel, el("div", {}, button(`Read them (${requests(state.cost[what])})`, read, { kind: "main" })));
    else read();
  };

  const drawPeople = (panel, found) => {
    if (!found.properties.length) return fill(panel, soft("No profile has properties."));
    finder(panel, "profile properties", found.properties, (row) => [label(row), small(row.type ?? ""), row.share ? el("span", { class: "mpnb-number mpnb-count" }, row.share) : null], showPerson, HEIGHT - 28);
    return panel.firstChild.append(found.sample.length ? folded("The first profiles", async () => pairs(found.sample)) : "");
  };

  const drawCohorts = (panel, found) =>
    found.length ? finder(panel, "cohorts", found, (row) => [label(row), el("span", { class: "mpnb-number mpnb-count" }, counted(row.count))], showCohort) : fill(panel, soft("No cohorts are saved."));

  // ------------------------------------------------------------------ all of it
  const take = (found) => Object.assign(state, { cost: found.cost, events: found.events, days: [found.from_date, found.to_date] });

  function drawHead() {
    const panel = () => lists.panel("events");
    const remote = state.cost.events > 0 && state.events;
    fill(top, el("h3", {}, "Explorer"), el("small", { class: "mpnb-grow" }, state.source),
      remote && state.cost.volumes ? button(`Read all volumes (${requests(state.cost.volumes)})`, () => again(panel(), { volumes: true })) : null,
      remote && state.cost.lexicon ? button(`Read the lexicon (${requests(state.cost.lexicon)})`, () => again(panel(), { lexicon: true })) : null,
      button("Refresh", begin, { title: "Read the names again" }));
  }

  let lists;
  const begin = () => into(side, async () => {
    const found = await ask("begin");
    take(found);
    Object.assign(state, { source: found.source, builder: found.builder, open: found.open ?? state.event, read: new Set() });
    drawHead();
    lists = tabs("What to explore", [
      { name: "events", title: "Events", make: drawEvents },
      { name: "people", title: "People", make: once("people", drawPeople) },
      { name: "cohorts", title: "Cohorts", make: once("cohorts", drawCohorts) },
    ]);
    fill(side, lists);
    if (found.text && !state.steps.length) drawQuestion(found.text);
  });

  fill(detail, soft("Open an event to see what it carries."));
  nothing();
  begin();
}
