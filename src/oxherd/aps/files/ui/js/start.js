/* Starts the view that the page names, as soon as the panel's runtime is ready. For panels of SDK v1. */
(function () {
  "use strict";

  require(["aps/xhr", "aps/ready!"], function (xhr) {
    const place = window.oxherd.element("main");
    document.body.append(place);
    window.oxherd.speak().then(function () {
      window.oxherd.views[document.body.dataset.view](place, { call: window.oxherd.caller(xhr), aps: window.aps });
    });
  });
}());
