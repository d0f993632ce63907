// The panel's runtime for views of packages, as far as views without widgets use it: AMD, calls of the bus, stores,
// and the way to the panel around the frame. What it is asked for and does not have, it says.
(function () {
  "use strict";

  const waiting = {};
  const context = new Promise((resolve) => { waiting.context = resolve; });

  function tell(what, value) {
    window.parent.postMessage({ aps: what, value }, location.origin);
  }

  const aps = {
    context: { vars: {}, params: {}, user: {} },
    app: {},
    apsc: {
      gotoView(id, resource, params) { tell("gotoView", { id, resource, params }); },
      next(value) { tell("next", value || {}); },
      prev() { tell("prev"); },
      cancelProcessing() { tell("cancelProcessing"); },
      displayMessage(message) { tell("displayMessage", message); },
      removeMessage() { tell("removeMessages"); },
      removeAllMessages() { tell("removeMessages"); },
      showLoading() { tell("loading", true); },
      hideLoading() { tell("loading", false); },
      buttonState(control, state) { tell("buttonState", { control, state }); },
    },
  };
  window.aps = aps;

  window.addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== window.parent || !event.data.aps) return;
    if (event.data.aps === "context") {
      Object.assign(aps.context, event.data.value.context);
      waiting.token = event.data.value.token;
      document.documentElement.lang = event.data.value.language || document.documentElement.lang;
      waiting.context();
    } else if (event.data.aps === "do" && typeof aps.app[event.data.value] === "function") {
      aps.app[event.data.value]();
    } else if (event.data.aps === "do" && event.data.value === "onNext") {
      aps.apsc.next({});
    }
  });

  // ── calls of the bus ────────────────────────────────────────────────────────────────────────────────────────────

  function query(given) {
    if (!given) return "";
    return typeof given === "string" ? given : new URLSearchParams(given).toString();
  }

  function xhr(address, options) {
    const given = options || {};
    const more = query(given.query);
    const headers = Object.assign({ "APS-Token": waiting.token || "" }, given.headers);
    if (aps.context.subscriptionId) headers["APS-Subscription-ID"] = aps.context.subscriptionId;
    const data = given.data;
    return fetch(address + (more ? (address.includes("?") ? "&" : "?") + more : ""), {
      method: given.method || "GET",
      headers,
      body: data === undefined || typeof data === "string" ? data : JSON.stringify(data),
      credentials: "omit",
    }).then(async (answer) => {
      const text = await answer.text();
      if (!answer.ok) {
        const error = new Error("The bus answered " + answer.status + ".");
        error.response = { status: answer.status, text };
        throw error;
      }
      return given.handleAs === "json" ? (text ? JSON.parse(text) : {}) : text;
    });
  }
  ["get", "post", "put"].forEach((name) => {
    xhr[name] = (address, options) => xhr(address, Object.assign({}, options, { method: name.toUpperCase() }));
  });
  xhr.del = (address, options) => xhr(address, Object.assign({}, options, { method: "DELETE" }));

  class Store {
    constructor(given) {
      this.target = (given.target || "/aps/2/resources/").replace(/\/$/, "");
      this.apsType = given.apsType;
    }
    call(method, path, data) {
      return xhr(this.target + path, { method, data, handleAs: "json", headers: { "Content-Type": "application/json" } });
    }
    get(id) { return this.call("GET", "/" + id); }
    query(wish) {
      const type = this.apsType ? "implementing(" + this.apsType + ")" : "";
      return this.call("GET", "?" + [type, query(wish)].filter(Boolean).join(","));
    }
    put(object) {
      if (object.aps && object.aps.id) return this.call("PUT", "/" + object.aps.id, object);
      return this.add(object);
    }
    add(object) {
      const typed = Object.assign({}, object, { aps: Object.assign({ type: this.apsType }, object.aps) });
      return this.call("POST", "", typed);
    }
    remove(id) { return this.call("DELETE", "/" + id); }
  }

  // ── AMD ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  const modules = {
    "aps/xhr": () => xhr,
    "aps/Store": () => Store,
    "aps/ResourceStore": () => Store,
    "aps/ready!": () => context.then(() => true),
    "dojo/domReady!": () => true,
  };
  const page = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve); else resolve();
  });

  window.require = function (names, work) {
    const missing = names.filter((name) => !modules[name]);
    if (missing.length) {
      tell("displayMessage", { type: "error", description: "This panel has no " + missing.join(", ") + "." });
      return;
    }
    page.then(() => Promise.all(names.map((name) => modules[name]()))).then((found) => work(...found));
  };
  window.define = function (name, names, factory) {
    modules[name] = () => Promise.all(names.map((each) => modules[each]())).then((found) => factory(...found));
  };

  tell("hello");
})();
