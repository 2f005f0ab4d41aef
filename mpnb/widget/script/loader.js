// Saved with every widget, so it stays small: asks the kernel once per page for the real scripts.
const shelf = (globalThis.mpnbScripts ??= new Map());

function fetched(model) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), 15000);
    const heard = (message) => {
      if (message.answer !== "scripts") return;
      clearTimeout(timer);
      model.off("msg:custom", heard);
      resolve(message.value);
    };
    model.on("msg:custom", heard);
    model.send({ do: "scripts", seq: "scripts", args: {} });
  });
}

async function assembled(model) {
  const { files, style } = await fetched(model);
  const urls = {};
  for (const [name, source] of files) {
    const linked = source.replace(/from "\.\/([\w]+\.js)"/g, (_, other) => `from "${urls[other]}"`);
    urls[name] = URL.createObjectURL(new Blob([linked], { type: "text/javascript" }));
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  return { urls, sheet };
}

export default {
  async render({ model, el }) {
    try {
      if (!shelf.has("SCRIPTS_HASH")) shelf.set("SCRIPTS_HASH", assembled(model));
      const { urls, sheet } = await shelf.get("SCRIPTS_HASH");
      const root = el.getRootNode();
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
      const { start } = await import(urls["base.js"]);
      const { render } = await import(urls[model.get("part") + ".js"]);
      return start({ model, el, render });
    } catch (problem) {
      shelf.delete("SCRIPTS_HASH");
      el.textContent = `This view is not running (${problem.message}). Run its cell again to bring it back.`;
      console.error(problem);
    }
  },
};
