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
