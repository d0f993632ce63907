/* Before the panel's runtime: where the views of this package are, as seen from this page. */
(function () {
  "use strict";

  const root = new URL("../", document.currentScript.src).pathname.replace(/\/$/, "");
  window.dojoConfig = Object.assign({}, window.dojoConfig, {
    async: true,
    packages: [{ name: "http://oxherd.example/aps/ui", location: root }, { name: "oxherd", location: root }]
  });
}());
