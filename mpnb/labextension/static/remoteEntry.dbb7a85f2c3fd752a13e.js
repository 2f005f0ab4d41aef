(() => {
"use strict";
const WORDS = new Set(["aggressive", "align", "all", "any", "as", "asc", "at", "average", "back", "basic", "before", "between", "birth", "boolean", "buckets", "by", "carry_back", "carry_forward", "cohort", "collapse", "compare", "consecutive_forward", "contain", "contains", "conversion_rate_session", "conversion_rate_total", "conversion_rate_unique", "count", "cumulative", "cumulative_unique", "curve", "daily", "data", "datetime", "dau", "default", "desc", "did", "does", "ends", "exactly", "excluding", "extra", "extremes", "false", "first", "first_value", "formula", "forward", "from", "funnel", "group", "hide", "histogram", "holding", "id", "ids", "in", "interval_start", "is", "last", "least", "less", "limit", "list", "loose", "math", "mau", "max", "median", "metric", "min", "monthly", "more", "most", "most_frequent", "multi_attribution", "next", "no", "none", "not", "null", "number", "numeric_summary", "object", "of", "on", "optimized", "order", "parallel", "params", "paths", "per", "percentile", "profiles", "reentry", "retention", "retention_rate", "rolling", "sankey", "search", "session", "sessions", "set", "show", "since", "sort", "starts", "step", "steps", "string", "summary", "table", "than", "the", "timeseries", "top", "total", "tree", "trends", "true", "unbounded", "unique", "unique_values", "user", "warehouse", "wau", "weekly", "where", "with", "within", "workers"]);
const STYLE = ".mpnb-sidebar { display: flex; flex-direction: column; gap: 8px; padding: 8px; min-width: 200px; background: var(--jp-layout-color1); color: var(--jp-ui-font-color1); font-size: 13px; overflow: hidden; }\n.mpnb-sidebar-head, .mpnb-sidebar-status { flex: none; }\n.mpnb-sidebar-body { flex: 1; min-height: 0; overflow: auto; }\n.mpnb-sidebar-head { display: grid; grid-template-columns: 1fr auto; gap: 4px 8px; align-items: center; }\n.mpnb-sidebar-head label { grid-column: 1 / -1; font-size: 12px; color: var(--jp-ui-font-color2); }\n.mpnb-sidebar input, .mpnb-sidebar button { font: inherit; color: inherit; min-height: 28px; border: 1px solid var(--jp-border-color1); border-radius: 4px; background: var(--jp-layout-color1); padding: 2px 8px; min-width: 0; }\n.mpnb-sidebar button { background: var(--jp-layout-color2); cursor: pointer; }\n.mpnb-sidebar :focus-visible { outline: 2px solid var(--jp-brand-color1); outline-offset: 1px; }\n.mpnb-sidebar-status { font-size: 12px; line-height: 16px; color: var(--jp-ui-font-color2); overflow-wrap: anywhere; }\n.mpnb-sidebar summary { cursor: pointer; padding: 4px 0; font-weight: 600; }\n.mpnb-sidebar ul { list-style: none; margin: 0; padding: 0; }\n.mpnb-sidebar button.mpnb-sidebar-row { display: flex; justify-content: space-between; gap: 8px; width: 100%; border-color: transparent; background: none; text-align: left; min-height: 24px; overflow-wrap: anywhere; }\n.mpnb-sidebar button.mpnb-sidebar-row:hover { background: var(--jp-layout-color2); }\n.mpnb-sidebar small, .mpnb-sidebar-note { font-size: 12px; color: var(--jp-ui-font-color2); white-space: nowrap; }\n.mpnb-sidebar-note { white-space: normal; margin: 4px 0; }\n.mpnb-status-item { font-size: 12px; padding: 0 8px; line-height: 24px; }\n.mpnb-hl-word { color: var(--jp-mirror-editor-keyword-color); font-weight: 600; }\n.mpnb-hl-name { color: var(--jp-mirror-editor-string-color); }\n.mpnb-hl-number { color: var(--jp-mirror-editor-number-color); }\n.mpnb-hl-comment { color: var(--jp-mirror-editor-comment-color); font-style: italic; }\n";
// Cells: which one an element stands in, and writing text into one.

/**
 * The open notebook, and the index of the cell, that hold an element.
 * @param {any} tracker JupyterLab's INotebookTracker
 * @param {Node} node an element inside an output
 * @returns {{panel: any, notebook: any, index: number} | null}
 */
function placeOf(tracker, node) {
  let found = null;
  tracker.forEach((panel) => {
    if (!panel.content.node.contains(node)) return;
    const index = panel.content.widgets.findIndex((cell) => cell.node.contains(node));
    found = { panel, notebook: panel.content, index };
  });
  return found;
}

/** @returns {{notebook: any, index: number} | null} the active cell of the notebook in front */
function activePlace(tracker) {
  const panel = tracker.currentWidget;
  return panel ? { notebook: panel.content, index: panel.content.activeCellIndex } : null;
}

/** Put a new code cell with a text below a cell. @returns {string} the id of the new cell */
function insertBelow(actions, notebook, index, text) {
  if (index >= 0) notebook.activeCellIndex = index;
  notebook.deselectAll();
  actions.insertBelow(notebook);
  const cell = notebook.activeCell;
  if (cell.model.type !== "code") actions.changeCellType(notebook, "code");
  notebook.activeCell.model.sharedModel.setSource(text);
  return notebook.activeCell.model.id;
}

/** Write a text into the cell with this id. @returns {boolean} whether there is one */
function writeCell(notebook, id, text) {
  const cell = notebook.widgets.find((one) => one.model.id === id);
  if (!cell) return false;
  cell.model.sharedModel.setSource(text);
  return true;
}

/**
 * What widgets use, and the commands of the same names.
 * @param {any} app @param {any} tracker @param {any} actions JupyterLab's NotebookActions
 * @param {() => void} spent a widget was answered, for which the kernel may have asked Mixpanel
 */
function cellWriter(app, tracker, actions, spent) {
  const nowhere = () => new Error("This view stands in no open notebook.");
  return {
    version: 1,
    spent,
    /** @param {Node} node @param {string} text @returns {Promise<{cellId: string}>} */
    async insert(node, text) {
      const place = placeOf(tracker, node);
      if (!place) throw nowhere();
      return { cellId: insertBelow(actions, place.notebook, place.index, text) };
    },
    /** Without an id: the cell that the element stands in. */
    async replace(node, text, cellId) {
      const place = placeOf(tracker, node);
      if (!place) throw nowhere();
      const id = cellId ?? place.notebook.widgets[place.index].model.id;
      if (!writeCell(place.notebook, id, text)) return this.insert(node, text);
      return { cellId: id };
    },
    /** @param {string} url the address of a report */
    async open(url) {
      if (!/^https:\/\//.test(url)) throw new Error("Only https addresses are opened.");
      window.open(url, "_blank", "noopener");
    },
  };
}

// Colours of `%%mpquery` cells: clause words, names in quotes, numbers, comments.

const QUERY_TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)|(\b\d[\d.-]*\b)|(->)|([A-Za-z_$][\w$.]*)/g;

/** The stretches of one line that have a colour. @returns {{from: number, to: number, name: string}[]} */
function coloursOf(line, words) {
  const found = [];
  for (const match of line.matchAll(QUERY_TOKEN)) {
    const name = match[1] ? "comment" : match[2] ? "name" : match[3] ? "number" : match[4] ? "word" : words.has(match[5]) ? "word" : null;
    if (name) found.push({ from: match.index, to: match.index + match[0].length, name });
  }
  return found;
}

/** A CodeMirror extension that colours documents whose first line asks a question. */
function highlighter(view, words) {
  const { Decoration, ViewPlugin } = view;
  const marks = Object.fromEntries(["word", "name", "number", "comment"].map((name) => [name, Decoration.mark({ class: `mpnb-hl-${name}` })]));
  const draw = (editor) => {
    const { doc } = editor.state;
    if (!doc.line(1).text.startsWith("%%mpquery")) return Decoration.none;
    const ranges = [];
    for (const { from, to } of editor.visibleRanges)
      for (let at = from; at <= to; ) {
        const line = doc.lineAt(at);
        const colours = line.number === 1 ? [{ from: 0, to: "%%mpquery".length, name: "word" }] : coloursOf(line.text, words);
        for (const one of colours) ranges.push(marks[one.name].range(line.from + one.from, line.from + one.to));
        at = line.to + 1;
      }
    return Decoration.set(ranges, true);
  };
  return ViewPlugin.fromClass(
    class {
      constructor(editor) {
        this.decorations = draw(editor);
      }
      update(change) {
        if (change.docChanged || change.viewportChanged) this.decorations = draw(change.view);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

// The running notebook's kernel, asked over one comm. Nothing is opened in a notebook that does not load mpnb.

const TARGET = "mpnb.browser";
// The magics of mpnb tell as much as the line that loads it: a profile or `%run` may have done that.
const LOADS = /^\s*(%(load|reload)_ext\s+mpnb\b|%mp\b|%%mpquery\b)/m;
const ANSWERS_WITHIN_MS = 10000;

/** Whether a cell of the notebook loads mpnb. */
const loadsMpnb = (panel) => panel.content.widgets.some((cell) => cell.model.type === "code" && LOADS.test(cell.model.sharedModel.getSource()));

/** A line to one kernel. */
class Line {
  /** @param {any} kernel @param {{closed: () => void, changed: (news: any) => void}} told called when the kernel hangs up, and with what changed there */
  constructor(kernel, { closed, changed }) {
    this.kernel = kernel;
    this.changed = changed;
    this.waiting = new Map();
    this.seq = 0;
    this.comm = kernel.createComm(TARGET);
    this.comm.onMsg = (message) => this.heard(message.content.data);
    this.comm.onClose = () => {
      this.end("mpnb is not loaded in this kernel.");
      closed();
    };
    this.comm.open({});
  }

  heard(data) {
    if (data.changed) {
      this.changed(data); // not awaited: JupyterLab holds back all later messages until a handler is done
      return;
    }
    const entry = this.waiting.get(data.answer);
    if (!entry) return;
    this.waiting.delete(data.answer);
    clearTimeout(entry.timer);
    if (data.failed) entry.reject(new Error(data.failed.message));
    else entry.resolve(data.value);
  }

  /** @returns {Promise<any>} */
  ask(name, args = {}) {
    return new Promise((resolve, reject) => {
      if (this.comm.isDisposed) return reject(new Error("The kernel is gone."));
      const seq = ++this.seq;
      const timer = setTimeout(() => {
        this.waiting.delete(seq);
        reject(new Error("The kernel is busy; it answers when the running cell is done."));
      }, ANSWERS_WITHIN_MS);
      this.waiting.set(seq, { resolve, reject, timer });
      this.comm.send({ do: name, seq, args });
    });
  }

  end(why) {
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new Error(why));
    }
    this.waiting.clear();
  }

  dispose() {
    this.end("Another notebook is in front.");
    if (!this.comm.isDisposed) this.comm.dispose();
  }
}

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

// The plugin: ties cells, colours, sidebar and status to the notebook in front.

const NO_KERNEL = "Open a notebook and run %load_ext mpnb to see its data here.";
const LOST = "Error displaying widget: model not found";
const COUNTED_WITHIN_MS = 300;
const LOOK_AGAIN_MS = [1000, 3000, 8000];

/** Say what to do where a saved widget of ours has no kernel behind it; its twin stands below. */
function explainLostWidgets(panel) {
  for (const node of panel.content.node.querySelectorAll(".jp-OutputArea-output.jupyter-widgets"))
    if (node.textContent === LOST && node.closest(".jp-OutputArea")?.querySelector(".mpnb-twin"))
      node.textContent = "This widget is not running. Run its cell to bring it back; below is what it showed.";
}

/** @param {Record<string, any>} lab the modules of JupyterLab that are used */
function pluginOf(lab) {
  const { INotebookTracker, NotebookActions } = lab["@jupyterlab/notebook"];
  const { ICommandPalette } = lab["@jupyterlab/apputils"];
  const { IEditorExtensionRegistry } = lab["@jupyterlab/codemirror"];
  const { IStatusBar } = lab["@jupyterlab/statusbar"];
  const widgets = lab["@lumino/widgets"];
  const { Signal } = lab["@lumino/signaling"];

  return {
    id: "mpnb:plugin",
    description: "Browse, insert and colour questions of mpnb.",
    autoStart: true,
    requires: [INotebookTracker],
    optional: [ICommandPalette, IEditorExtensionRegistry, IStatusBar],
    activate(app, tracker, palette, editors, statusBar) {
      let line = null, front = null, groups = {}, asked = null, showsBudget = false;
      let counting;
      const writer = cellWriter(app, tracker, NotebookActions, () => {
        clearTimeout(counting);
        if (line && showsBudget) counting = setTimeout(() => line && askStatus(), COUNTED_WITHIN_MS);
      });
      globalThis.mpnbLab = writer;
      if (editors)
        editors.addExtension({ name: "mpnb:highlight", factory: () => ({ instance: () => highlighter(lab["@codemirror/view"], WORDS), reconfigure: () => null }) });

      // ------------------------------------------------------------ commands
      const insertText = (text) => {
        const place = activePlace(tracker);
        if (!place) return null;
        const cell = place.notebook.activeCell;
        const editor = cell?.editor;
        const asks = cell?.model.sharedModel.getSource().startsWith("%%mpquery");
        if (editor && asks && !text.startsWith("%")) {
          editor.replaceSelection?.(text);
          editor.focus();
          return cell.model.id;
        }
        return insertBelow(NotebookActions, place.notebook, place.index, text);
      };
      const isOurs = () => tracker.currentWidget !== null && (line !== null || loadsMpnb(tracker.currentWidget));
      const commands = {
        "insert-cell": { label: "Insert a question below (mpnb)", run: (args) => insertText(args.text ?? "%%mpquery\n") },
        "replace-cell": {
          label: "Replace the text of this cell (mpnb)",
          run: (args) => {
            const place = activePlace(tracker);
            if (!place || args.text === undefined) return false;
            return writeCell(place.notebook, args.id ?? place.notebook.activeCell.model.id, args.text);
          },
        },
        "open-report": { label: "Open a saved report (mpnb)", run: (args) => (args.url ? writer.open(args.url) : insertText(`%mp open ${args.id ?? ""}`.trim())) },
        "show-sidebar": {
          label: "Show events, properties and reports (mpnb)",
          run: () => {
            attach();
            app.shell.activateById(panel.id);
            panel.focusSearch();
          },
        },
      };
      for (const [name, { label, run }] of Object.entries(commands)) {
        app.commands.addCommand(`mpnb:${name}`, { label, execute: run, isEnabled: () => name === "show-sidebar" || isOurs() });
        palette?.addItem({ command: `mpnb:${name}`, category: "mpnb" });
      }

      // ------------------------------------------------------------ the kernel in front
      const panel = sidebar(widgets, insertText);
      const item = new widgets.Widget();
      item.addClass("mpnb-status-item");
      const attach = () => {
        if (!panel.isAttached) app.shell.add(panel, "left", { rank: 700 });
      };
      const changed = new Signal(item);
      const showStatus = (words) => {
        item.node.textContent = item.node.title = words;
        changed.emit();
      };
      statusBar?.registerStatusItem("mpnb:status", { item, align: "left", rank: 90, isActive: () => line !== null, activeStateChanged: changed });

      const turns = new Map(), paying = new Set();
      /** Read a group: the newest answer counts, and a free look does not push aside one that is paid for. */
      const read = async (name, paid = false) => {
        if (!paid && paying.has(name)) return;
        const mine = line, key = asked, turn = (turns.get(name) ?? 0) + 1;
        turns.set(name, turn);
        if (paid) paying.add(name);
        let rows;
        try {
          rows = { ...(await mine.ask("list", { group: name, paid })), paid };
        } catch (problem) {
          rows = { rows: [], failed: problem.message };
        }
        if (paid) paying.delete(name);
        if (mine !== line || turns.get(name) !== turn) return;
        if (key !== asked) return read(name); // another project is asked by now
        groups = { ...groups, [name]: rows };
        panel.show_(groups);
      };
      /** Ask who is asked and what is left. @returns {Promise<boolean>} whether there was an answer */
      const askStatus = async () => {
        const mine = line;
        try {
          const said = await mine.ask("status");
          if (mine !== line) return false;
          if (said.key !== asked) groups = {};
          asked = said.key;
          showsBudget = said.counts;
          showStatus(said.line);
          panel.say(said.line);
          attach();
          return true;
        } catch (problem) {
          if (mine === line) panel.say(problem.message);
          return false;
        }
      };
      /** What requests were paid for stays, unless another project is asked now or a person wants it anew. */
      const refresh = async (anew = false) => {
        const mine = line;
        if (!mine || !(await askStatus())) return;
        for (const [name] of GROUPS) if (mine === line && (anew || !groups[name]?.paid)) await read(name);
      };
      /** Rows were saved or deleted by the kernel: those that were paid for are mended, others are free to read. */
      const changedThere = ({ changed: name, put, gone }) => {
        const held = groups[name];
        if (!held?.paid || !put) return read(name);
        const rows = held.rows.filter((row) => !gone.includes(row.text));
        for (const one of put) {
          const at = rows.findIndex((row) => row.text === one.text);
          rows.splice(at < 0 ? rows.length : at, 1, one);
        }
        groups = { ...groups, [name]: { ...held, rows } };
        panel.show_(groups);
      };
      panel.read = (name) => read(name, true);
      panel.refresh = () => refresh(true);

      const hangUp = (words) => {
        line?.dispose();
        line = null;
        groups = {};
        asked = null;
        showStatus("");
        panel.empty(words);
      };
      const call = () => {
        const kernel = front?.sessionContext.session?.kernel;
        if (!kernel || !loadsMpnb(front)) return hangUp(NO_KERNEL);
        if (line && line.kernel === kernel) return;
        hangUp("");
        const made = new Line(kernel, {
          closed: () => line === made && hangUp(NO_KERNEL),
          changed: (news) => line === made && changedThere(news),
        });
        line = made;
        refresh();
      };
      const ran = (_, { notebook, cell, success }) => {
        if (!front || notebook !== front.content || cell.model.type !== "code") return;
        const source = cell.model.sharedModel.getSource();
        if (!success) return;
        if (!line && LOADS.test(source)) call();
        else if (line && LOADS.test(source)) refresh();
        else if (line) askStatus();
      };
      NotebookActions.executed.connect(ran);
      const restarted = (_, status) => {
        if (status === "restarting" || status === "autorestarting" || status === "dead") hangUp(NO_KERNEL);
      };
      const replaced = () => hangUp(NO_KERNEL);
      tracker.currentChanged.connect((_, now) => {
        front?.sessionContext.statusChanged.disconnect(restarted);
        front?.sessionContext.kernelChanged.disconnect(replaced);
        front = now;
        if (!now) return hangUp(NO_KERNEL);
        now.sessionContext.statusChanged.connect(restarted);
        now.sessionContext.kernelChanged.connect(replaced);
        now.context.ready.then(() => LOOK_AGAIN_MS.forEach((ms) => setTimeout(() => explainLostWidgets(now), ms)));
        now.sessionContext.ready.then(() => {
          if (front === now && now.sessionContext.session?.kernel?.status !== "unknown" && now.content.widgets.some((cell) => cell.model.executionCount)) call();
          else if (front === now) hangUp(NO_KERNEL);
        });
      });
    },
  };
}

// The container that JupyterLab loads: it takes the modules that are shared and hands out the plugin.

const USED = ["@jupyterlab/notebook", "@jupyterlab/apputils", "@jupyterlab/codemirror", "@jupyterlab/statusbar", "@lumino/widgets", "@lumino/signaling", "@codemirror/view"];
let scope = {};

/** The one loaded, else the newest, version of a shared module. */
async function shared(name) {
  const versions = Object.values(scope[name] ?? {});
  if (!versions.length) throw new Error(`mpnb: JupyterLab does not share ${name}.`);
  const chosen = versions.find((one) => one.loaded) ?? versions[versions.length - 1];
  return (await chosen.get())();
}

const container = {
  init(given) {
    scope = given;
  },
  async get(module) {
    if (module !== "./extension") throw new Error(`mpnb has no module ${module}.`);
    const loaded = await Promise.all(USED.map(shared));
    const lab = Object.fromEntries(USED.map((name, at) => [name, loaded[at]]));
    addStyle();
    return () => ({ __esModule: true, default: [pluginOf(lab)] });
  },
};

function addStyle() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets.push(sheet);
}

(globalThis._JUPYTERLAB ??= {})["mpnb"] = container;
})();
