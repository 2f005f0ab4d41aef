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
