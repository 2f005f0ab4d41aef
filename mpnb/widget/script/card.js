// The result card: charts, a table that is sorted and filtered by the kernel, the question in all its
// forms, deeper questions from each row, and saving as a report.
import { busy, button, copyButton, counted, debounce, download, drawing, el, embed, errorBox, field, fill, select, tabs } from "./base.js";

const soft = (...words) => el("p", { class: "mpnb-soft" }, words);
const name = (text) => el("bdi", {}, text === "" ? "(empty text)" : text);

export function render({ el: root, model, ask, insert, status, listen }) {
  const body = el("div", { class: "mpnb-stack mpnb-card", role: "group", "aria-label": "Result card" });
  fill(root, body);
  let facts = {};
  let drilled = null;

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

  // ------------------------------------------------------------------ chart
  function drawChart(panel) {
    const place = el("div", { class: "mpnb-drawing" });
    const deeper = el("div");
    const show = (drawn) => {
      const figure = drawn.svg ? drawing(drawn.svg, drawn.summary) : soft("The rows are in the tab “Table”.");
      if (facts.drillable) openable(figure, drawn.rows);
      fill(deeper);
      fill(place, figure, el("p", {}, name(drawn.summary)));
    };
    /** Marks as buttons: by pointer, and by the arrow keys from the first one. */
    function openable(figure, rows) {
      const marks = [...figure.querySelectorAll("[data-mark]")].filter((one) => one.dataset.mark in rows);
      if (!marks.length) return;
      figure.setAttribute("role", "group");
      figure.querySelector("svg").removeAttribute("aria-hidden");
      const go = (to) => {
        for (const one of marks) one.setAttribute("tabindex", one === to ? "0" : "-1");
        to.focus();
      };
      marks.forEach((mark, at) => {
        const said = mark.querySelector("title").textContent;
        const open = () => goDeeper(deeper, rows[mark.dataset.mark], [said]);
        for (const [key, value] of [["role", "button"], ["tabindex", at ? "-1" : "0"], ["aria-label", `Go deeper: ${said}`], ["class", "mpnb-hit"]]) mark.setAttribute(key, value);
        mark.addEventListener("click", open);
        mark.addEventListener("keydown", (event) => {
          const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: marks.length - 1 }[event.key];
          if (to === undefined && event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          event.stopPropagation();
          if (to === undefined) open();
          else if (marks[to]) go(marks[to]);
        });
      });
    }
    const about = (one) => facts.charts.find((row) => row.name === one)?.help ?? "";
    const help = el("small", {}, about(facts.drawn.chart));
    const pick = select(facts.charts.map((row) => [row.name, row.name]), facts.drawn.chart, (wanted) => into(place, async () => {
      show(await ask("draw", { name: wanted }));
      help.textContent = about(wanted);
    }));
    fill(panel, el("div", { class: "mpnb-stack" }, el("div", { class: "mpnb-row" }, field("Chart", pick), help), place, deeper));
    show(facts.drawn);
  }

  // ------------------------------------------------------------------ table
  function drawTable(panel) {
    const view = { sort: null, descending: false, word: "", start: 0 };
    const shown = () => ({ sort: view.sort, descending: view.descending, word: view.word });
    const place = el("div", { class: "mpnb-rows", tabindex: "0", role: "region", "aria-label": "Rows" });
    const count = el("small", { role: "status" });
    const deeper = el("div");
    let turn = 0;

    const read = () => into(place, async () => {
      const mine = ++turn;
      const found = await ask("table", { ...view });
      if (mine === turn) draw(found);
    });
    const sort = (column) => {
      const again = view.sort === column;
      Object.assign(view, { sort: again && view.descending ? null : column, descending: again && !view.descending, start: 0 });
      read();
    };
    const page = (start) => { view.start = start; read(); };

    function draw(found) {
      const side = (at) => (found.numeric[at] ? "mpnb-number" : undefined);
      const title = (column, at) => {
        const on = view.sort === column;
        const order = on ? (view.descending ? "descending" : "ascending") : "none";
        return el("th", { scope: "col", class: side(at), "aria-sort": order },
          el("button", { type: "button", class: "mpnb-plain mpnb-wrap", title: "Sort", onclick: () => sort(column) }, name(column), on ? (view.descending ? " ↓" : " ↑") : ""));
      };
      const row = (cells, at) => el("tr", {}, cells.map((cell, n) => el(n ? "td" : "th", { scope: n ? undefined : "row", class: side(n) }, name(cell))),
        facts.drillable ? el("td", {}, button("Go deeper", () => goDeeper(deeper, found.at[at], cells), { kind: "plain", title: `Go deeper: ${cells.join(", ").slice(0, 120)}` })) : null);
      fill(place, found.rows.length
        ? el("table", { class: "mpnb-wide" }, el("thead", {}, el("tr", {}, found.columns.map(title), facts.drillable ? el("th", { scope: "col" }, el("span", { class: "mpnb-soft" }, "Drill")) : null)), el("tbody", {}, found.rows.map(row)))
        : soft(found.total ? "No row holds that." : "The answer has no rows."));
      const last = found.start + found.rows.length;
      fill(count, found.matching > found.rows.length ? `Rows ${counted(found.start + 1)} to ${counted(last)} of ${counted(found.matching)}` : `${counted(found.matching)} ${found.matching === 1 ? "row" : "rows"}`,
        found.matching < found.total ? ` (of ${counted(found.total)})` : "", found.note ? ` · ${found.note}` : "");
      before.disabled = found.start === 0;
      after.disabled = last >= found.matching;
      before.onclick = () => page(Math.max(0, found.start - 100));
      after.onclick = () => page(last);
    }

    const before = button("Earlier rows", () => {}), after = button("Later rows", () => {});
    const search = debounce(() => { Object.assign(view, { word: word.value.trim(), start: 0 }); read(); }, 150);
    const word = el("input", { type: "search", autocomplete: "off", spellcheck: "false", oninput: () => search() });
    const save = button("Download CSV", async () => {
      try {
        download(`${facts.kind}.csv`, await ask("csv"));
        status.say("The whole table was written to a file.");
      } catch (failed) {
        status.say(failed.message);
      }
    });
    fill(panel, el("div", { class: "mpnb-stack" },
      el("div", { class: "mpnb-row" }, field("Keep rows that hold", word), el("span", { class: "mpnb-grow" }), copyButton(() => ask("tsv", shown()), "Copy rows"), save),
      place, el("div", { class: "mpnb-row" }, before, after, count), deeper));
    read();
  }

  // ------------------------------------------------------------------ drill
  async function goDeeper(node, at, cells) {
    const list = el("div", { class: "mpnb-stack" });
    const answer = el("div", { class: "mpnb-stack" });
    const known = el("datalist", { id: `mpnb-by-${at}-${Date.now()}` });
    const by = el("input", { type: "text", autocomplete: "off", spellcheck: "false", list: known.id });
    const read = () => into(list, async () => fill(list, (await ask("drills", { at, by: by.value.trim() })).map(offer)));

    const offer = (one, number) => el("div", { class: "mpnb-drill" },
      el("div", { class: "mpnb-row" }, el("strong", { class: "mpnb-grow" }, name(one.title)),
        one.text === null ? null : button(facts.local ? "Ask" : `Ask (${one.cost})`, () => go(number), { kind: "main", title: `Ask: ${one.title}` }),
        one.text ? button("Insert below", () => insert(one.text).catch((failed) => status.say(failed.message)), { title: `Insert below: ${one.title}` }) : null),
      one.text === null ? el("p", { class: "mpnb-soft" }, "Not a question: ", name(one.note)) : one.note ? soft(name(one.note)) : null);

    async function go(number) {
      const stop = button("Stop", async () => { drilled = null; await ask("stop"); done(); fill(answer, soft("Stopped.")); });
      fill(answer, el("div", { class: "mpnb-row" }, soft("Asking…"), stop));
      const done = busy(answer);
      drilled = async (view) => {
        done();
        drilled = null;
        if (view.failed) return fill(answer, errorBox(view.failed));
        const child = el("div");
        fill(answer, view.line ? el("p", { role: "status" }, name(view.line)) : null, child);
        return into(child, async () => embed(child, model, await ask("opened")));
      };
      try {
        await ask("go", { number });
      } catch (failed) {
        done();
        fill(answer, errorBox(failed));
      }
    }

    by.addEventListener("change", read);
    fill(node, el("div", { class: "mpnb-stack mpnb-deeper" },
      el("div", { class: "mpnb-row" }, el("h4", { class: "mpnb-grow" }, "Go deeper: ", name(cells.join(" · "))), button("Close", () => fill(node))),
      field("Split by a property", by, { hint: "empty: not split; user.plan is a property of profiles" }), known, list, answer));
    await read();
    node.scrollIntoView({ block: "nearest" });
    ask("properties").then((names) => fill(known, names.map((one) => el("option", { value: one }))), () => {});
  }

  // ------------------------------------------------------------------ forms
  const form = (what, cell) => (panel) => {
    const made = facts.forms[what];
    fill(panel, made.problem ? soft(name(made.problem)) : el("div", { class: "mpnb-stack" },
      el("div", { class: "mpnb-row" }, copyButton(() => made.text, "Copy"), cell ? button("Insert below", () => insert(made.text).catch((failed) => status.say(failed.message))) : null),
      el("pre", { tabindex: "0", "aria-label": what }, made.text)));
  };

  const how = (panel) => into(panel, async () => {
    const made = await ask("how");
    fill(panel, made.problem ? soft(name(made.problem)) : el("div", { class: "mpnb-stack" }, el("div", { class: "mpnb-row" }, copyButton(() => made.text, "Copy")), el("pre", { tabindex: "0", "aria-label": made.title }, made.text)));
  });

  // ------------------------------------------------------------------ save
  function saving(node, opener) {
    const title = el("input", { type: "text", autocomplete: "off" });
    const about = el("input", { type: "text", autocomplete: "off" });
    const board = el("div");
    const outcome = el("div", { class: "mpnb-stack" });
    let dashboard = null;
    const words = () => ({ name: title.value.trim(), description: about.value.trim(), dashboard });
    const named = field("Name of the report", title);
    const boards = () => into(board, async () => {
      const rows = await ask("dashboards");
      fill(board, field("Dashboard", select([["", "Saved from notebooks"], ...rows.map((row) => [row.id, row.title])], "", (id) => { dashboard = id ? Number(id) : null; fill(outcome); })));
    });

    const keep = () => into(outcome, async () => {
      const made = await ask("save", words());
      const link = made.link.startsWith("https://") ? el("a", { href: made.link, target: "_blank", rel: "noopener" }, made.link) : el("code", {}, made.link);
      fill(outcome, el("p", { role: "status" }, `Saved as report ${made.id}, “`, name(made.name), "”: ", link, " ", copyButton(() => made.link, "Copy link")));
    });
    const review = () => {
      named.blame(title.value.trim() ? "" : "Give the report a name.");
      if (!title.value.trim()) return title.focus();
      return into(outcome, async () => {
        const found = await ask("review", words());
        if (!found.replaces) return keep();
        const same = found.differences.length === 0;
        return fill(outcome, el("p", {}, `Report ${found.replaces.id} has this name already`, same ? " and is the same." : ". Saving changes:"),
          same ? null : el("table", { class: "mpnb-wide" }, el("thead", {}, el("tr", {}, ["field", "now", "then"].map((one) => el("th", { scope: "col" }, one)))),
            el("tbody", {}, found.differences.map((row) => el("tr", {}, el("th", { scope: "row" }, name(row.field)), el("td", {}, row.before === null ? "–" : name(row.before)), el("td", {}, row.after === null ? "–" : name(row.after)))))),
          el("div", { class: "mpnb-row" }, button(same ? "Save again" : "Replace it", keep, { kind: "main" }), button("Keep the old one", () => fill(outcome))));
      });
    };
    title.addEventListener("input", () => { named.blame(""); fill(outcome); });
    title.addEventListener("keydown", (event) => event.key === "Enter" && review());
    fill(node, el("div", { class: "mpnb-stack mpnb-deeper" },
      el("div", { class: "mpnb-row" }, named, field("What it is for", about), board),
      el("div", { class: "mpnb-row" }, button("Save", review, { kind: "main" }), button("Close", () => { fill(node); opener.focus(); })), outcome));
    if (!facts.local) fill(board, button("Choose a dashboard (1 request)", boards));
    title.focus();
  }

  // ------------------------------------------------------------------ all of it
  listen((view) => view.drilled && drilled?.(view.drilled));
  into(body, async () => {
    facts = await ask("begin");
    const save = el("div"), builder = el("div");
    const opener = button("Save as report", () => saving(save, opener));
    const edit = button("Edit in builder", () => into(builder, async () => embed(builder, model, await ask("edit"))));
    fill(body,
      tabs("Result", [
        { name: "chart", title: "Chart", make: drawChart },
        { name: "table", title: "Table", make: drawTable },
        { name: "text", title: "Text", make: form("text", true) },
        { name: "python", title: "Python", make: form("python", true) },
        { name: "params", title: "Params", make: form("params", false) },
        { name: "how", title: facts.how, make: how },
      ], { selected: facts.drawn.chart === "table" ? "table" : "chart" }),
      el("div", { class: "mpnb-row" }, facts.knows ? [opener, facts.forms.text.text ? edit : null] : soft("Open it with result.card(ws) to save it and to go deeper."),
        el("small", { class: "mpnb-grow" }, name(facts.facts.source)), facts.facts.budget && !facts.facts.source.includes("left this hour") ? el("small", {}, facts.facts.budget) : null),
      save, builder);
  });
}
