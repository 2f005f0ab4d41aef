// The builder: a form that the kernel describes, the question as text, and the chart that follows.
// A control is drawn by its kind alone; what there is to edit, and what is wrong, the kernel says.
import { button, combo, copyButton, debounce, drawing, el, embed, errorBox, field, fill, select, tabs } from "./base.js";

const FORMS = [["text", "Cell"], ["python", "Python"], ["params", "Params"]];
const requests = (n) => (n === null ? "one request per 1,000 profiles" : n === 1 ? "1 request" : `${n} requests`);
const key = (path) => JSON.stringify(path);

export function render({ el: root, model, context, ask, insert, status, listen }) {
  let state = null, typed = null, shown = null;
  const opened = new Set();
  const head = el("div", { class: "mpnb-row mpnb-head" });
  const form = el("div", { class: "mpnb-stack mpnb-form", role: "group", "aria-label": "Form" });
  const chart = el("div", { class: "mpnb-stack mpnb-chart", role: "region", "aria-label": "Answer" });
  const forms = el("div");
  const foot = el("div", { class: "mpnb-row mpnb-foot" });
  const saving = el("div", { class: "mpnb-row", hidden: true });
  const wrong = el("div");
  const box = el("div", { class: "mpnb-stack mpnb-builder", "data-lm-suppress-shortcuts": "true" }, head, el("div", { class: "mpnb-build" }, form, chart), wrong, forms, foot, saving);
  fill(root, box);

  /** Do something in the kernel and draw what comes of it; an error stays in sight. */
  async function go(name, args) {
    try {
      fill(wrong);
      take(await ask(name, args));
    } catch (failed) {
      fill(wrong, errorBox(failed));
    }
  }
  const edit = (name, about) => go("edit", { edit: name, ...about });

  // ---------------------------------------------------------------- controls
  const label = (node) => node.label || "Value";

  function control(node) {
    const set = (value) => edit("change", { path: node.path, value });
    const attrs = { "data-path": key(node.path) };
    switch (node.control) {
      case "choice":
        return select([...(node.optional ? [["", "–"]] : []), ...node.options], node.value ?? "", (value) => set(value === "" ? null : value), attrs);
      case "flag":
        if (!node.optional) return el("input", { ...attrs, type: "checkbox", checked: Boolean(node.value), onchange: (event) => set(event.target.checked) });
        return select([["", "–"], ["true", "yes"], ["false", "no"]], node.value === null ? "" : String(node.value), (value) => set(value === "" ? null : value === "true"), attrs);
      case "json":
      case "piece":
        return el("textarea", { ...attrs, rows: 2, spellcheck: "false", value: node.value, onchange: (event) => set(event.target.value) });
      case "kept":
        return el("code", { class: "mpnb-kept", tabindex: "0" }, node.value);
      case "none":
        return null;
      default:
        return entry(node, set, attrs);
    }
  }

  const read = (node, text) => {
    if (text === "" && (node.optional || ["whole", "number"].includes(node.control) || node.part === "number")) return null;
    const numeric = ["whole", "number"].includes(node.control) || node.part === "number";
    return numeric && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
  };

  function entry(node, set, attrs) {
    const value = node.value === null || node.value === undefined ? "" : String(node.value);
    if (node.picks === "date" || node.part === "date") return el("input", { ...attrs, type: "text", placeholder: "YYYY-MM-DD", size: 12, value, onchange: (event) => set(read(node, event.target.value)) });
    if (!node.picks) {
      const numeric = ["whole", "number"].includes(node.control) || node.part === "number";
      return el("input", { ...attrs, type: "text", inputmode: numeric ? "decimal" : null, size: numeric ? 8 : 16, value, onchange: (event) => set(read(node, event.target.value)) });
    }
    const made = combo({ value, label: label(node), options: (word) => ask("choices", { path: node.path, picks: node.picks, word }), onpick: (chosen) => set(read(node, String(chosen))) });
    made.input.setAttribute("data-path", key(node.path));
    return made;
  }

  /** One field: its control under its label, a choice of what it may be, and what is wrong. */
  function draw(node) {
    const kinds = node.variants ? select(node.variants, node.variant, (value) => edit("choose", { path: node.path, key: value }), { "data-path": key([...node.path, "$kind"]), "aria-label": `${label(node)}: kind`, class: "mpnb-kind" }) : null;
    const said = (node.findings ?? []).map((words) => el("div", { class: "mpnb-wrong" }, "✕ ", words));
    if (node.control === "many") return list(node, kinds, said);
    if (node.control === "part") {
      return el("fieldset", { class: "mpnb-part", "data-wrong": said.length > 0 }, el("legend", {}, label(node)), el("div", { class: "mpnb-row mpnb-top" }, kinds, node.fields.map(draw)), more(node), said);
    }
    const main = control(node);
    if (!main) return field(label(node), kinds, { wrong: (node.findings ?? []).join(" "), hint: "" });
    const made = field(label(node), main, { wrong: (node.findings ?? []).join(" ") });
    if (node.help) made.title = node.help;
    if (kinds) made.prepend(el("div", { class: "mpnb-row mpnb-kinds" }, made.querySelector("label"), kinds));
    return made;
  }

  function more(node) {
    if (!node.more?.length) return null;
    const id = key(node.path);
    const made = el("details", { class: "mpnb-more", open: opened.has(id), ontoggle: () => (made.open ? opened.add(id) : opened.delete(id)) }, el("summary", { "data-path": key([...node.path, "$more"]) }, "More"), el("div", { class: "mpnb-row mpnb-top" }, node.more.map(draw)));
    return made;
  }

  /** One of several plain values: the field itself, and a button that takes it out. */
  function chip(node, item, name) {
    const said = (item.findings ?? []).map((words) => el("div", { class: "mpnb-wrong" }, "✕ ", words));
    const made = control({ ...item, label: `${name} ${item.label}` });
    (made.input ?? made).setAttribute("aria-label", `${name} ${item.label}`);
    return el("li", { class: "mpnb-chip" }, made, node.fixed ? null : button("✕", () => edit("remove", { path: item.path }), { kind: "plain", title: `Remove ${name} ${item.label}` }), said);
  }

  function list(node, kinds, said) {
    const name = label(node);
    const rows = node.items.map((item, at) => {
      const plain = ["text", "whole", "number", "value", "flag"].includes(item.control) && !item.variants;
      if (plain) return chip(node, item, name);
      const inner = item.control === "part" ? [item.fields.map(draw), more(item), (item.findings ?? []).map((words) => el("div", { class: "mpnb-wrong" }, "✕ ", words))] : draw({ ...item, label: `${name} ${item.label}` });
      const choose = item.control === "part" && item.variants ? select(item.variants, item.variant, (value) => edit("choose", { path: item.path, key: value }), { "data-path": key([...item.path, "$kind"]), "aria-label": `${name} ${item.label}: kind`, class: "mpnb-kind" }) : null;
      const tools = node.fixed ? null : el("span", { class: "mpnb-tools" },
        at > 0 ? button("↑", () => edit("move", { path: item.path, to: at - 1 }), { kind: "plain", title: `Move ${name} ${item.label} up` }) : null,
        button("✕", () => edit("remove", { path: item.path }), { kind: "plain", title: `Remove ${name} ${item.label}` }));
      return el("li", { class: "mpnb-item", "data-wrong": item.findings?.length > 0 }, el("span", { class: "mpnb-letter" }, item.label), el("div", { class: "mpnb-row mpnb-top mpnb-grow" }, choose, inner), tools);
    });
    const adds = node.fixed ? null : el("div", { class: "mpnb-row" }, node.add.map(([which, words]) =>
      el("button", { type: "button", class: "mpnb-plain mpnb-add", "data-path": key([...node.path, "$add", which]), "aria-label": `Add to ${name}: ${words}`, onclick: () => edit("add", { path: node.path, key: which }) }, `+ ${words}`)));
    return el("div", { class: "mpnb-list-field", role: "group", "aria-label": name }, el("div", { class: "mpnb-row" }, el("h4", {}, name), kinds), rows.length ? el("ol", { class: rows[0].matches(".mpnb-chip") ? "mpnb-chips" : null }, rows) : null, adds, said);
  }

  // ---------------------------------------------------------------- the parts of the view
  function drawHead() {
    const name = el("input", { type: "text", size: 12, value: state.name, "data-path": '"name"', placeholder: "none", onchange: (event) => edit("rename", { name: event.target.value.trim() }) });
    fill(head,
      field("Question", select(kindsOf(), state.kind, (kind) => edit("change_kind", { kind }), { "data-path": '"kind"' })),
      field("Answer's name", name),
      el("span", { class: "mpnb-grow" }),
      state.completes ? null : button("Complete names (1 request each list)", () => go("complete"), {}),
      el("span", { class: "mpnb-tools" },
        button("Undo", () => go("undo"), { disabled: !state.undo, title: "Undo (Ctrl+Z)" }), " ",
        button("Redo", () => go("redo"), { disabled: !state.redo, title: "Redo (Ctrl+Shift+Z)" })));
  }
  let kinds = [];
  const kindsOf = () => kinds;

  function drawForms() {
    const chosen = shown ?? "text";
    const box = tabs("Forms of the question", FORMS.map(([name, title]) => ({ name, title, make: (panel) => fill(panel, name === "text" ? cell() : plain(name)) })), { selected: chosen, onselect: (name) => (shown = name) });
    const extras = state.extras.length ? el("details", {}, el("summary", {}, `${state.extras.length} more in the saved report, kept as they are`), el("pre", { tabindex: "0", "aria-label": "Extras" }, state.extras.map((one) => `${one.path} = ${one.value}`).join("\n"))) : null;
    fill(forms, box, extras);
  }

  const plain = (name) => {
    const { text, problem } = state.forms[name];
    return problem ? el("p", {}, problem) : [el("pre", { tabindex: "0", "aria-label": name }, text), copyButton(() => text)];
  };

  /** The cell text: edited here, taken when it reads, never thrown away when it does not. */
  function cell() {
    const { text, problem } = state.forms.text;
    const area = el("textarea", { class: "mpnb-cell", "aria-label": "Cell text", "data-path": '"cell"', spellcheck: "false", rows: Math.min(12, Math.max(3, (typed ?? text).split("\n").length + 1)), value: typed ?? text });
    const said = el("div");
    const apply = async () => {
      if (typed === null) return;
      const mine = typed;
      try {
        const found = await ask("edit", { edit: "write", source: mine });
        if (typed === mine) typed = null;
        take(found);
      } catch (failed) {
        fill(said, el("pre", { class: "mpnb-error", role: "alert" }, failed.message));
      }
    };
    const soon = debounce(apply, 600);
    area.addEventListener("input", () => { typed = area.value === text ? null : area.value; fill(said); soon(); });
    return [
      problem ? el("p", {}, problem) : null, area, said,
      el("div", { class: "mpnb-row" }, copyButton(() => area.value), typed === null ? null : button("Back to the form's text", () => { typed = null; drawForms(); })),
    ];
  }

  function drawFoot() {
    const python = () => state.forms.python.text;
    const inPython = () => shown === "python"; // the form in sight is the one to write
    const text = () => (inPython() ? python() : state.forms.text.text);
    const write = async (where) => {
      const id = await insert(text(), where);
      if (id) await ask("wrote", { cell: id });
    };
    const ready = state.right;
    fill(foot,
      button("Insert below", () => write("below"), { kind: "main", disabled: !ready }),
      button("Update this cell", () => write("replace"), { disabled: !ready }),
      button("Save as report", () => { saving.hidden = !saving.hidden; if (!saving.hidden) drawSaving(); }, { disabled: !ready }),
      state.local ? null : button(`Run (${requests(state.cost)})`, () => ask("run"), { disabled: !ready, title: state.left === null ? undefined : `Run, ${requests(state.cost)}; ${state.left} left this hour` }),
      ready ? null : el("small", {}, "The question is not finished; the marked fields say why. Text and chart are the last that were right."));
  }

  /** Name, description, dashboard; then what would change; then where the report is. */
  function drawSaving() {
    const name = el("input", { type: "text", size: 24 });
    const about = el("input", { type: "text", size: 32 });
    const place = { id: null };
    const where = el("span");
    const after = el("div", { class: "mpnb-grow" });
    const asked = () => ({ name: name.value.trim(), description: about.value, dashboard: place.id });
    const guarded = async (work) => {
      try {
        await work();
      } catch (failed) {
        fill(after, errorBox(failed));
      }
    };
    const save = () => guarded(async () => {
      const kept = await ask("save", asked());
      const link = kept.link.startsWith("https://") ? el("a", { href: kept.link, target: "_blank", rel: "noopener" }, kept.link) : el("code", {}, kept.link);
      fill(after, el("p", { role: "status" }, `Saved as report ${kept.id}, “${kept.name}”: `, link));
    });
    const review = () => guarded(async () => {
      const { replaces, differences } = await ask("review", asked());
      if (!replaces) return save();
      const cell = (value) => el("td", {}, value ?? "–");
      fill(after,
        el("p", {}, `Report ${replaces.id}, “${replaces.name}”, is there already. `, differences.length ? "Saving changes:" : `It asks this already; %mp build ${replaces.id} opens it.`),
        differences.length ? el("div", { class: "mpnb-scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ["Field", "Now", "Then"].map((word) => el("th", { scope: "col" }, word)))), el("tbody", {}, differences.map((row) => el("tr", {}, el("th", { scope: "row" }, row.field), cell(row.before), cell(row.after)))))) : null,
        differences.length ? button("Replace the report", save, { kind: "main" }) : null);
    });
    const list = () => guarded(async () => {
      const rows = await ask("dashboards");
      fill(where, field("Dashboard", select([["", "Saved from notebooks"], ...rows.map((row) => [row.id, row.title])], "", (id) => (place.id = id === "" ? null : Number(id)))));
    });
    if (!state.local) fill(where, button("Choose a dashboard (1 request)", list));
    fill(saving, field("Report's name", name), field("Description", about), where, button("Save", review, { kind: "main" }), after);
    name.focus();
  }

  // ---------------------------------------------------------------- the chart
  const stop = button("Stop", () => ask("stop"), { kind: "plain" });
  const busyLine = el("div", { class: "mpnb-row mpnb-running", hidden: true }, el("small", { role: "status" }, "Asking…"), stop);
  const picture = el("div", { class: "mpnb-picture" });
  fill(chart, busyLine, picture);
  let waiting;

  function running(on) {
    clearTimeout(waiting);
    if (on) waiting = setTimeout(() => (busyLine.hidden = false), 300);
    else busyLine.hidden = true;
  }

  function drawChart(found) {
    running(false);
    if (found.failed) return fill(picture, errorBox(found.failed));
    const side = (at) => (found.numeric[at] ? { class: "mpnb-number" } : {});
    fill(picture,
      found.svg ? drawing(found.svg, found.summary) : null,
      el("p", {}, found.summary),
      found.rows.length ? el("details", {}, el("summary", {}, "Table"), el("div", { class: "mpnb-scroll" }, el("table", {}, found.note ? el("caption", {}, found.note) : null, el("thead", {}, el("tr", {}, found.head.map((name, at) => el("th", { scope: "col", ...side(at) }, name)))), el("tbody", {}, found.rows.map((row) => el("tr", {}, row.map((text, at) => (at ? el("td", side(at), text) : el("th", { scope: "row" }, text))))))))) : null,
      el("p", {}, el("small", {}, found.source)),
      state?.card ? button("Open as a card", async () => embed(picture, model, await ask("card"))) : null);
  }

  // ---------------------------------------------------------------- drawing anew
  /** Draw a new state; the field that is being edited keeps its focus and what is typed in it. */
  function take(next) {
    if (!next) return;
    const there = root.getRootNode().activeElement;
    const path = there?.dataset?.path;
    const text = path && there.matches("input[type=text],textarea");
    const kept = text ? { value: there.value, dirty: Boolean(there.dirty), from: there.selectionStart, to: there.selectionEnd } : null;
    state = { ...state, ...next };
    fill(form, state.form.findings.map((words) => el("div", { class: "mpnb-wrong", role: "alert" }, "✕ ", words)), state.form.fields.map(draw), more(state.form));
    drawHead();
    drawForms();
    drawFoot();
    if (!path) return;
    const now = [...box.querySelectorAll("[data-path]")].find((one) => one.dataset.path === path);
    if (!now) return;
    now.focus({ preventScroll: true });
    if (!kept) return;
    if (kept.dirty && kept.value !== now.value) {
      now.value = kept.value;
      now.dirty = true;
    }
    if (now.setSelectionRange) now.setSelectionRange(kept.from, kept.to);
  }

  box.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const pressed = event.key.toLowerCase();
    const name = pressed === "y" || (pressed === "z" && event.shiftKey) ? "redo" : pressed === "z" ? "undo" : null;
    if (!name || event.target.dirty) return; // while one types, it is the field's own undo
    event.preventDefault();
    event.stopPropagation();
    go(name);
  });
  // Enter takes what was typed, also in hosts that keep that key for themselves.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("input[type=text]:not([role=combobox])")) return;
    event.preventDefault();
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });
  box.addEventListener("input", (event) => (event.target.dirty = true), true);
  box.addEventListener("change", (event) => (event.target.dirty = false), true);

  listen((view) => {
    if (view.running) running(true);
    if (view.stopped) { running(false); status.say("Stopped."); }
    if (view.cell) context.cell = view.cell;
    if (view.chart) drawChart(view.chart);
    if (view.moved) {
      take(view.moved);
      status.say("The cell was run: the builder follows it. Undo goes back.");
    }
  });

  (async () => {
    try {
      const first = await ask("begin");
      kinds = first.kinds;
      if (!first.local) fill(picture, el("p", { class: "mpnb-soft" }, "Press Run to ask Mixpanel."));
      take(first);
    } catch (failed) {
      fill(wrong, errorBox(failed));
    }
  })();
}
