/* Before the panel's runtime: where it finds the views of this package, as seen from this page in ui/.
   `app` is that folder, and `pacs` the one that holds the packages. */
(function () {
  "use strict";

  function place(path) { return new URL(path, window.location.href).href.replace(/\/$/, ""); }
  window.dojoConfig = {
    packages: [{ name: "app", location: place(".") }, { name: "pacs", location: place("../..") }]
  };
}());
