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
