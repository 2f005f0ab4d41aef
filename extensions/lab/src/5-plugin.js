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
