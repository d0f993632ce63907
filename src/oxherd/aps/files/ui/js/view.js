/* Draws one of our views inside a view of UX1: the same code as in the classic panels, in a view's own element. */
define(["dojo/_base/declare", "aps/_View", "aps/xhr", "require"], function (declare, View, xhr, require) {
  "use strict";

  const SCRIPTS = ["./oxherd.js", "./dialog.js", "./fields.js", "./people.js", "./pages.js"];

  function load(script) {
    return new Promise(function (resolve, reject) {
      const made = document.createElement("script");
      made.src = require.toUrl(script);
      made.onload = resolve;
      made.onerror = reject;
      document.head.append(made);
    });
  }

  /* The page that the panel loads has the scripts; where a panel loads the view alone, they are fetched. */
  function scripts() {
    if (window.oxherd) { return Promise.resolve(); }
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = require.toUrl("../oxherd.css");
    document.head.append(style);
    return SCRIPTS.reduce(function (before, script) {
      return before.then(function () { return load(script); });
    }, Promise.resolve());
  }

  /* name: of our view. more: members of the view, such as onNext. */
  return function (name, more) {
    return declare(View, Object.assign({
      init: function () {
        return [["aps/Container", { id: this.genId("oxherd") }]];
      },
      onContext: function (context) {
        const place = this.byId("oxherd").domNode;
        const panel = { aps: Object.assign(Object.create(window.aps), { context: context, app: this }) };
        const finished = function () { window.aps.apsc.hideLoading(); };
        return scripts().then(function () { return window.oxherd.speak(); })
          .then(function () {
            panel.call = window.oxherd.caller(xhr);
            return window.oxherd.views[name](place, panel);
          })
          .then(finished, finished);
      }
    }, more));
  };
});
