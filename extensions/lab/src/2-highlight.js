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
